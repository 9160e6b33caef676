// Sends an image file to the API, which imports it while it comes. A form could not show how far it is.
const form = document.getElementById('upload')
const place = document.getElementById('upload-progress')

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

function problemOf(request) {
  try {
    return JSON.parse(request.responseText).detail
  } catch {
    return `the server answered ${request.status}`
  }
}

function send(file, name, options) {
  const request = new XMLHttpRequest()
  const started = performance.now()
  request.open('PUT', `/api/v1/images/${encodeURIComponent(name)}?${options}`)
  request.setRequestHeader('Content-Type', 'application/octet-stream')
  request.setRequestHeader('X-CSRF-Token', form.dataset.csrf)
  request.upload.onprogress = ({ loaded, total }) => {
    const seconds = (performance.now() - started) / 1000
    const left = Math.round(((total - loaded) * seconds) / loaded)
    const rate = loaded / 1e6 / seconds
    const megabytes = (bytes) => (bytes / 1e6).toFixed(1)
    tell(
      `${megabytes(loaded)} of ${megabytes(total)} MB, ${rate.toFixed(1)} MB/s, ${left} s left`,
      (100 * loaded) / total,
    )
  }
  request.upload.onload = () => tell('sent; the server checks what it got')
  request.onerror = () => fail('the connection to the server was lost; nothing was imported')
  request.onload = () => {
    if (request.status >= 300) fail(problemOf(request))
    else location.assign(`/images?imported=${encodeURIComponent(name)}`)
  }
  tell('sending', 0)
  request.send(file)
}

form?.addEventListener('submit', (event) => {
  event.preventDefault()
  const fields = new FormData(form)
  const options = new URLSearchParams({ file: fields.get('file').name })
  const sha256 = fields.get('sha256').trim()
  if (sha256 !== '') options.set('sha256', sha256.toLowerCase())
  if (fields.get('replace') !== null) options.set('replace', 'true')
  form.querySelector('button').disabled = true
  place.className = ''
  place.querySelector('progress').hidden = false
  send(fields.get('file'), fields.get('name').trim(), options)
})

// A name that fits the file, as long as nobody has typed another one.
form?.elements.file.addEventListener('change', ({ target }) => {
  const name = form.elements.name
  if (name.value !== '' || target.files.length === 0) return
  name.value = target.files[0].name
    .replace(/\.(iso|tar|tgz|txz|gz|xz)\b/gi, '')
    .replace(/[^A-Za-z0-9._+-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 100)
})
