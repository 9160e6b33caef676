import type { Said } from './command-rules.ts'
import { errorAt, type Problem, WHOLE_FILE, warningAt } from './problem.ts'

/** The three commands of which there must be one. */
export const INSTALL_COMMANDS: readonly string[] = ['install', 'upgrade', 'installorupgrade']

const NOT_WITH_UPGRADE = ['rootpw', 'network', 'keyboard', 'serialnum', 'vmserialnum', 'clearpart', 'part', 'partition']
const ONLY_WITH_INSTALL = ['clearpart', 'part', 'partition']

/** How ESXi names disks, by themselves or as paths. */
const DISK_NAME = /^(?:\/vmfs\/devices\/disks\/|\/dev\/disks\/)?(?:naa|eui|t10|mpx|vml)\./

/** @param isOpen whether there may be more commands, in files that cannot be looked into */
export function checkInstall(all: readonly Said[], isOpen: boolean): readonly Problem[] {
  const installs = all.filter(({ name }) => INSTALL_COMMANDS.includes(name))
  const [first, ...more] = installs
  if (first === undefined) {
    return isOpen ? [] : [errorAt(WHOLE_FILE, 'install', 'there is no install, upgrade or installorupgrade')]
  }
  return [
    ...more.map((said) => errorAt(said, 'install', `${said.name} is too many: line ${first.line} has ${first.name}`)),
    ...installs.flatMap(checkOne),
    ...checkCompany(first, all),
  ]
}

function checkOne(said: Said): readonly Problem[] {
  return [...checkSelector(said), ...checkVmfs(said)]
}

function checkSelector(said: Said): readonly Problem[] {
  const { name, options } = said
  const selectors = ['disk', 'drive', 'firstdisk', 'diskBootedFrom'].filter((option) => options.has(option))
  if (selectors.length !== 1) {
    const has =
      selectors.length === 0 ? 'names no disk' : `has ${selectors.map((option) => `--${option}`).join(' and ')}`
    return [errorAt(said, 'disk', `${name} ${has}: it wants either --disk=NAME or --firstdisk`)]
  }
  const disk = options.get('disk') ?? options.get('drive')
  return [
    ...(disk !== undefined && !DISK_NAME.test(disk)
      ? [warningAt(said, 'disk', `${disk} is no name that ESXi gives to disks: naa. eui. t10. mpx. vml.`)]
      : []),
    ...(options.has('ignoressd') && !options.has('firstdisk')
      ? [errorAt(said, 'ignoressd', '--ignoressd goes with --firstdisk only')]
      : []),
  ]
}

function checkVmfs(said: Said): readonly Problem[] {
  const { name, options } = said
  if (name === 'upgrade') return []
  const has = (option: string) => options.has(option)
  const problems: Problem[] = []
  if (has('preservevmfs') && has('overwritevmfs')) {
    problems.push(errorAt(said, 'vmfs', '--preservevmfs and --overwritevmfs exclude each other'))
  }
  if (has('preservevmfs') && has('novmfsondisk')) {
    problems.push(errorAt(said, 'vmfs', '--preservevmfs and --novmfsondisk exclude each other'))
  }
  if (name === 'install' && !has('preservevmfs') && !has('overwritevmfs')) {
    problems.push(warningAt(said, 'vmfs', 'fails on a disk with a datastore; say --overwritevmfs or --preservevmfs'))
  }
  return problems
}

function checkCompany(install: Said, all: readonly Said[]): readonly Problem[] {
  const excluded = install.name === 'upgrade' ? NOT_WITH_UPGRADE : []
  const missing = install.name === 'installorupgrade' ? ONLY_WITH_INSTALL : []
  return all
    .filter(({ name }) => excluded.includes(name) || missing.includes(name))
    .map((said) => errorAt(said, 'upgrade', `${said.name} does not go with ${install.name}; take one of the two out`))
}

/** `clearpart` wants one way to say which disks, and `part` a disk of its own, not the one that ESXi is on. */
export function checkPartitions(all: readonly Said[]): readonly Problem[] {
  const own = all.find(({ name }) => name === 'install')
  const taken = new Set([own?.options.get('disk') ?? own?.options.get('drive')])
  return all.flatMap((said) => {
    if (said.name === 'clearpart') return checkClearpart(said)
    return said.name === 'part' || said.name === 'partition' ? checkPart(said, taken) : []
  })
}

function checkClearpart(said: Said): readonly Problem[] {
  const ways = ['alldrives', 'drives', 'ignoredrives', 'firstdisk'].filter((option) => said.options.has(option))
  if (ways.length === 1) return []
  return [errorAt(said, 'clearpart', 'clearpart wants one of --alldrives, --drives=, --ignoredrives= and --firstdisk')]
}

function checkPart(said: Said, taken: Set<string | undefined>): readonly Problem[] {
  const ways = ['ondisk', 'ondrive', 'onfirstdisk'].filter((option) => said.options.has(option))
  if (ways.length !== 1)
    return [errorAt(said, 'part', `${said.name} wants one of --ondisk=, --ondrive= and --onfirstdisk`)]
  const disk = said.options.get('ondisk') ?? said.options.get('ondrive')
  if (disk === undefined) return []
  if (taken.has(disk)) {
    return [errorAt(said, 'part', `${disk} is taken: there is one ${said.name} for each disk, and none for ESXi's own`)]
  }
  taken.add(disk)
  return []
}
