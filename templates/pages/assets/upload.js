// Sends an image file to the API, which imports it as soon as it is there. A form could not show how far it is.
const form = document.getElementById('upload')
const place = document.getElementById('upload-progress')

/** How often it is asked how far the server is with what it got, in ms. */
const ASK_EVERY = 500
const STEPS = { start: 'begins', compare: 'compares', read: 'reads', verify: 'verifies', write: 'writes' }

/** What is said of the upload, for eyes and ears. */
function tell(text, percent) {
  place.hidden = false
  const bar = place.querySelector('progress')
  if (percent === undefined) bar.removeAttribute('value')
  else bar.value = percent
  place.querySelector('[role=status]').textContent = text
}

function fail(text) {
  place.className = 'note act'
  place.querySelector('progress').hidden = true
  tell(text)
  form.querySelector('button').disabled = false
}

const megabytes = (bytes) => (bytes / 1e6).toFixed(1)

/** `280.0 of 612.0 MB, 45.1 MB/s, 7 s left`. */
function amount({ done, total, since }) {
  const seconds = (performance.now() - since) / 1000
  const rate = done / 1e6 / seconds
  const left = Math.round(((total - done) * seconds) / done)
  return `${megabytes(done)} of ${megabytes(total)} MB, ${rate.toFixed(1)} MB/s, ${left} s left`
}

function problemOf(request) {
  try {
    return JSON.parse(request.responseText).detail
  } catch {
    return `the server answered ${request.status}`
  }
}

/** Shows how far the server is with a file that it has got, until it has answered. */
async function followImport(name, answered) {
  while (!answered.aborted) {
    const { imports } = await (await fetch('/api/v1/imports')).json()
    const running = imports.find((one) => one.name === name && one.state === 'running')
    if (running !== undefined && running.step !== 'upload' && !answered.aborted) {
      const { step, file, done, total } = running
      const percent = total === null || total === 0 ? undefined : (100 * done) / total
      tell(`the server ${STEPS[step]} ${file}`, percent)
    }
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY))
  }
}

function send(file, name, options) {
  const request = new XMLHttpRequest()
  const answered = new AbortController()
  const since = performance.now()
  request.open('PUT', `/api/v1/images/${encodeURIComponent(name)}?${options}`)
  request.setRequestHeader('Content-Type', 'application/octet-stream')
  request.setRequestHeader('X-CSRF-Token', form.dataset.csrf)
  request.upload.onprogress = ({ loaded, total }) =>
    tell(amount({ done: loaded, total, since }), (100 * loaded) / total)
  request.upload.onload = () => {
    tell('sent; the server looks at what it got')
    followImport(name, answered.signal).catch(() => undefined) // the answer itself says what came of it
  }
  request.onerror = () => fail('the connection to the server was lost; nothing was imported')
  request.onload = () => {
    if (request.status >= 300) fail(problemOf(request))
    else location.assign(`/images?imported=${encodeURIComponent(name)}`)
  }
  request.onloadend = () => answered.abort()
  tell('sending', 0)
  request.send(file)
}

/** A file's name as the API takes it. */
function plainName(text) {
  return text.replace(/[^A-Za-z0-9._+-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '')
}

form?.addEventListener('submit', (event) => {
  event.preventDefault()
  const fields = new FormData(form)
  const file = fields.get('file')
  const options = new URLSearchParams()
  const filename = plainName(file.name).slice(-200)
  const sha256 = fields.get('sha256').trim()
  if (filename !== '') options.set('filename', filename)
  if (sha256 !== '') options.set('sha256', sha256)
  if (fields.get('replace') !== null) options.set('replace', 'true')
  form.querySelector('button').disabled = true
  place.className = ''
  place.querySelector('progress').hidden = false
  send(file, fields.get('name').trim(), options)
})

// A name that fits the file, as long as nobody has typed another one.
form?.elements.namedItem('file').addEventListener('change', ({ target }) => {
  const name = form.elements.namedItem('name')
  const [file] = target.files
  if (name.value !== '' || file === undefined) return
  name.value = plainName(file.name.replace(/\.(iso|tar|tgz|txz|gz|xz)\b/gi, '')).slice(0, 100)
})
