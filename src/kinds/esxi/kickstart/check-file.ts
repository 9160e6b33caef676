import { IGNORED_COMMANDS, isKnownCommand, type Said } from './command-rules.ts'
import { type Command, type Kickstart, linesOf, type Script, sectionStart } from './parse.ts'
import { errorAt, type Problem, WHOLE_FILE, warningAt } from './problem.ts'

/** The installer takes no more commands than this. */
export const MOST_COMMANDS = 256

/** Programs of ESXi that people write where commands of the installer stand. */
const PROGRAMS = /^(?:esxcli|localcli|vim-cmd|esxcfg-\w+|vsish|wget|echo|sh|sleep|cat|cp|sed)$/

/** What is wrong with the text as such. */
export function checkText(text: string): readonly Problem[] {
  const crlf = text.includes('\r\n') ? [warningAt(WHOLE_FILE, 'crlf', 'lines end with CRLF; write LF')] : []
  const strange = linesOf(text).flatMap((line, index) =>
    /[^\t\x20-\x7e]/.test(line)
      ? [warningAt({ line: index + 1 }, 'ascii', 'has other characters than printable ASCII; write them in ASCII')]
      : [],
  )
  return [...crlf, ...strange]
}

/** Commands that the installer does not know, or does not look at. */
export function checkCommands({ commands }: Kickstart): readonly Problem[] {
  const many =
    commands.length > MOST_COMMANDS
      ? [errorAt(WHOLE_FILE, 'many', `there are ${commands.length} commands; the installer takes ${MOST_COMMANDS}`)]
      : []
  return [...many, ...commands.flatMap(checkCommand)]
}

function checkCommand(command: Command): readonly Problem[] {
  const { name } = command
  if (!command.isWhole) return [errorAt(command, 'quotes', `${name}: a quote is not closed`)]
  if (name.startsWith('include') && name !== 'include') {
    const text = 'a line that begins with "include" ends the script that it stands in; put a blank in front of it'
    return [errorAt(command, 'section', text)]
  }
  if (isKnownCommand(name) && sectionStart(name) !== undefined && !name.endsWith('include')) {
    return [errorAt(command, 'section', `${name} has blanks in front of it: it begins no section; take them away`)]
  }
  if (isKnownCommand(name)) return []
  if (name === '%end') return [errorAt(command, 'end', 'there is no %end in a kickstart of ESXi; take it out')]
  if (IGNORED_COMMANDS.has(name))
    return [warningAt(command, 'ignored', `the installer passes over ${name}; take it out`)]
  const advice = PROGRAMS.test(name) ? '; programs are called in %post or %firstboot' : ''
  return [warningAt(command, 'unknown', `${name} is no command of the installer, which passes over it${advice}`)]
}

/** What is wrong with sections of scripts. @param isSecure whether the host has Secure Boot */
export function checkScripts(scripts: readonly Script[], said: readonly Said[], isSecure: boolean): readonly Problem[] {
  return [
    ...scripts
      .filter(({ isWhole }) => !isWhole)
      .map((script) => errorAt(script, 'quotes', `${script.name}: a quote is not closed`)),
    ...scripts.flatMap(checkBody),
    ...said.flatMap(checkOptions),
    ...(isSecure ? said.filter(({ name }) => name === '%firstboot') : []).map((script) =>
      errorAt(script, 'secure-boot', 'ESXi does not run %firstboot under Secure Boot; do it in %post'),
    ),
    ...scripts
      .filter(({ name }) => IGNORED_COMMANDS.has(name))
      .map((script) => warningAt(script, 'ignored', `the installer passes over ${script.name}; take it out`)),
  ]
}

function checkBody({ line, body }: Script): readonly Problem[] {
  return linesOf(body).flatMap((text, index) =>
    /^%end\b/.test(text)
      ? [
          errorAt(
            { line: line + index + 1 },
            'end',
            'there is no %end here: it is run as a part of the script, and fails; take it out',
          ),
        ]
      : [],
  )
}

const OPTIONS: { readonly [option: string]: readonly [form: RegExp, wanted: string] } = {
  interpreter: [/^(?:python|busybox)$/, 'busybox or python'],
  timeout: [/^[1-9]\d{0,8}$/, 'a number of seconds'],
  ignorefailure: [/^(?:true|false)$/, 'true or false'],
}

function checkOptions(said: Said): readonly Problem[] {
  return Object.entries(OPTIONS).flatMap(([option, [form, wanted]]) => {
    const value = said.options.get(option)
    if (value === undefined || form.test(value)) return []
    return [errorAt(said, 'script', `--${option} ${value} is not ${wanted}`)]
  })
}
