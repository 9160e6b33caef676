import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify'
import { ProvisionError } from '../../../core/errors.ts'
import type { Pages } from '../../../render/html.ts'
import { STATUS, STATUS_CODES } from '../../status.ts'
import { ownPath } from '../own-path.ts'
import { sendPage } from './frame.ts'

/** Has what is refused told on a page. */
export function tellAsPages(app: FastifyInstance, pages: Pages): void {
  app.setErrorHandler<FastifyError | ProvisionError>((error, request, reply) => {
    const status = error instanceof ProvisionError ? STATUS[error.kind] : (error.statusCode ?? 500)
    if (status >= 500) request.log.error({ err: error }, 'a page failed')
    const detail = status === 500 ? 'This is a mistake of the server; its log says more.' : error.message
    return sendPage(reply.code(status), pages, 'error', {
      title: STATUS_CODES[status] ?? 'Error',
      detail,
      back: backOf(request),
    })
  })
}

/** The page from which somebody came, if that is one of ours. */
function backOf({ headers: { referer = '' }, host }: FastifyRequest): string {
  const url = URL.canParse(referer) ? new URL(referer) : undefined
  return url?.host === host ? ownPath(url.pathname + url.search) : '/'
}
