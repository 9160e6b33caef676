import { ProvisionError } from '../core/errors.ts'

/** Where a template is wrong, and how. */
export interface TemplateFault {
  /** The template as its author knows it: `images/wipe/host.tmpl`. */
  readonly file: string
  /** Counted from 1; 0 when the fault is not in one line. */
  readonly line: number
  /** One line for people. */
  readonly problem: string
}

/** A template that cannot be rendered: a mistake in it, or a value that must not stand where it puts it. */
export class TemplateError extends ProvisionError implements TemplateFault {
  readonly file: string
  readonly line: number
  readonly problem: string

  constructor(fault: TemplateFault, options?: ErrorOptions) {
    super('invalid', `${fault.file}:${fault.line > 0 ? `${fault.line}:` : ''} ${fault.problem}`, options)
    this.file = fault.file
    this.line = fault.line
    this.problem = fault.problem
  }
}
