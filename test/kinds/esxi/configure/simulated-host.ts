import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { NICS } from './cases/case.ts'
import { type State, USERLAND } from './simulate.ts'

/** An installed ESXi as a folder: its files, its programs, and the state that these work on. */
export interface SimulatedHost {
  readonly root: string
  /** What the programs need to know of it. */
  readonly env: { readonly ESXI_STATE: string; readonly PYTHONPYCACHEPREFIX: string }
  state(): State
  read(path: string): string
}

const MAKE = `import json, sys
sys.path.insert(0, sys.argv[1])
import machine
state = machine.installed(json.loads(sys.argv[2]))
state['root'] = sys.argv[3]
json.dump(state, open(sys.argv[4], 'w'))
print(json.dumps(state['files']))`

/** Makes one with six cards. */
export function simulatedHost(t: TestContext): SimulatedHost {
  const root = mkdtempSync(join(tmpdir(), 'esxi-metalspray-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  const stateFile = join(root, 'state.json')
  execFileSync('python3', ['-B', join(USERLAND, 'userland.py'), 'install', root])
  const made = execFileSync('python3', ['-B', '-c', MAKE, USERLAND, JSON.stringify(NICS), root, stateFile])
  const files: State['files'] = JSON.parse(made.toString())
  for (const [path, { mode, text }] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
    chmodSync(join(root, path), mode)
  }
  mkdirSync(join(root, 'var/log'), { recursive: true })
  mkdirSync(join(root, 'tmp'))
  return {
    root,
    env: { ESXI_STATE: stateFile, PYTHONPYCACHEPREFIX: join(root, 'cache') },
    state: () => JSON.parse(readFileSync(stateFile, 'utf8')),
    read: (path) => readFileSync(join(root, path), 'utf8'),
  }
}
