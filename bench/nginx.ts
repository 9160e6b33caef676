import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Child, freePort } from './child.ts'

/** Starts nginx over a folder: one process with one thread, as ours; without a log, as ours writes none for files. */
export async function startNginx(work: string): Promise<Child> {
  const port = await freePort()
  const config = join(work, 'nginx.conf')
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${work}/nginx;`)
  writeFileSync(
    config,
    `daemon off; master_process off; pid ${work}/nginx.pid; error_log ${work}/nginx.errors;
     events { worker_connections 1024; }
     http {
       ${folders.join(' ')}
       access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000;
       server { listen 127.0.0.1:${port} backlog=1024; root ${work}; }
     }`,
  )
  return Child.start('nginx', ['-p', work, '-c', config], port, join(work, 'nginx.log'))
}
