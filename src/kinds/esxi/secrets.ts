/**
 * Settings for ESXi whose values are shown to nobody, each with a value of the same form, to show a file without the real one:
 * a SHA-512 crypt hash of nothing but zeros, which no password is known to have.
 */
export const ESXI_SECRETS = {
  rootPassword: `$6$not.shown$${'.'.repeat(86)}`,
}
