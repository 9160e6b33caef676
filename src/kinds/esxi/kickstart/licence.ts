/** Whether a text has the form of a licence: five groups of five. */
export function isLicence(text: string): boolean {
  return /^[0-9A-Za-z]{5}(?:-[0-9A-Za-z]{5}){4}$/.test(text)
}
