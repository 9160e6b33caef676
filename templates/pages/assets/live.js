// What the pages do beyond links and forms: they follow the server's events, and look again at the parts that those concern.

/** Parts of a page are asked for again at most this often, in ms. */
const SHORTEST_PAUSE = 700

const mark = document.getElementById('live')

/** Parts that show hosts: `<section data-live="host">` all, `data-live-host="7"` one. */
function concerned(hostId) {
  return [...document.querySelectorAll('[data-live]')].filter((part) => {
    const host = part.dataset.liveHost
    return host === undefined || hostId === undefined || host === String(hostId)
  })
}

const waiting = new Set()
let timer

function lookAgain(hostId) {
  for (const part of concerned(hostId)) waiting.add(part.id)
  if (timer !== undefined || waiting.size === 0) return
  timer = setTimeout(() => {
    timer = undefined
    for (const id of waiting) htmx.trigger(`#${id}`, 'again')
    waiting.clear()
  }, SHORTEST_PAUSE)
}

function show(isOn) {
  mark.hidden = false
  mark.className = isOn ? 'live on' : 'live off'
  mark.textContent = isOn ? 'live' : 'not connected'
}

function follow() {
  const source = new EventSource('/api/v1/events')
  source.onopen = () => {
    show(true)
    // What happened while the connection was away.
    lookAgain()
  }
  source.onerror = () => show(false)
  const told = (message) => lookAgain(JSON.parse(message.data).host)
  source.onmessage = told
  source.addEventListener('event', told)
  source.addEventListener('progress', told)
  addEventListener('pagehide', () => source.close(), { once: true })
}

// A page that the browser kept is a page of then.
addEventListener('pageshow', (shown) => {
  if (shown.persisted) location.reload()
})

if (mark !== null && document.querySelector('[data-live]') !== null) follow()

// A person who is ticking hosts must not lose that when the table is drawn anew.
let ticked = new Set()
document.addEventListener('htmx:beforeSwap', () => {
  ticked = new Set([...document.querySelectorAll('input[name=host]:checked')].map((box) => box.value))
})
document.addEventListener('htmx:afterSwap', () => {
  for (const box of document.querySelectorAll('input[name=host]')) box.checked ||= ticked.has(box.value)
  count()
})

function count() {
  const boxes = [...document.querySelectorAll('input[name=host]')]
  const number = boxes.filter((box) => box.checked).length
  const all = document.getElementById('all')
  if (all !== null) {
    all.checked = number > 0 && number === boxes.length
    all.indeterminate = number > 0 && number < boxes.length
  }
  for (const place of document.querySelectorAll('[data-ticked]')) {
    place.textContent =
      number === 0 ? 'no host selected' : number === 1 ? '1 host selected' : `${number} hosts selected`
  }
}

document.addEventListener('change', ({ target }) => {
  if (target.id === 'all') for (const box of document.querySelectorAll('input[name=host]')) box.checked = target.checked
  if (target.id === 'all' || target.name === 'host') count()
})

// `/` goes to the search field, as in many programs for terminals.
document.addEventListener('keydown', (pressed) => {
  const isTyping = pressed.target.closest('input, textarea, select') !== null
  if (pressed.key !== '/' || isTyping || pressed.ctrlKey || pressed.metaKey) return
  const field = document.querySelector('input[type=search]')
  if (field === null) return
  pressed.preventDefault()
  field.focus()
})
