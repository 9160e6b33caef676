/**
 * Parts of a host's description that are shown to nobody, each with a value of the same form, to show what would be made of it: the
 * hash of no password that is known, the key of nothing.
 */
export const CONFIG_SECRETS = {
  'root.passwordHash': `$6$not.shown$${'.'.repeat(86)}`,
  // Refused where it was not made a hash of, as in image.json; nobody need see it there either.
  'root.password': 'not shown',
  'users.*.password': 'not shown',
  'users.*.passwordHash': `$6$not.shown$${'.'.repeat(86)}`,
  'certificate.key': '-----BEGIN PRIVATE KEY-----\nnot shown\n-----END PRIVATE KEY-----\n',
}
