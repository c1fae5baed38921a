const methods = ['get', 'post', 'put', 'patch', 'delete']
const byId = (id) => document.getElementById(id)

byId('key-form').addEventListener('submit', (event) => {
  event.preventDefault()
  void show(byId('key').value)
})
void show()

/** Fetches the description and draws it; asks for a key when the server does. */
async function show(key) {
  const answer = await fetch('/openapi.json', key === undefined ? {} : { headers: { 'x-api-key': key } })
  if (!answer.ok) {
    byId('key-form').hidden = answer.status !== 401
    byId('status').textContent = answer.status === 401 ? '' : `The server answered ${answer.status}.`
    return
  }
  byId('key-form').hidden = true
  draw(await answer.json())
}

function draw(api) {
  byId('title').textContent = `${api.info.title} API ${api.info.version}`
  byId('about').textContent = api.info.description ?? ''
  const operations = Object.entries(api.paths).flatMap(([path, item]) =>
    methods.filter((method) => item[method]).map((method) => ({ path, method, ...item[method] })),
  )
  const names = [...(api.tags ?? []).map((tag) => tag.name), 'other']
  const groups = names
    .map((name) => ({ name, members: operations.filter((each) => (each.tags?.[0] ?? 'other') === name) }))
    .filter((group) => group.members.length > 0)
  byId('contents').replaceChildren(...groups.flatMap((group) => group.members.map(link)))
  byId('operations').replaceChildren(
    ...groups.flatMap((group) => [element('h2', {}, group.name), ...group.members.map(operation)]),
  )
  byId('status').textContent = `${operations.length} operations`
}

function link(each) {
  return element('li', {}, element('a', { href: `#${anchor(each)}` }, `${each.method.toUpperCase()} ${each.path}`))
}

function operation(each) {
  return element(
    'article',
    { id: anchor(each) },
    element('h3', {}, element('span', { class: 'method' }, `${each.method.toUpperCase()} `), each.path),
    each.summary ? element('p', {}, each.summary) : '',
    each.description ? element('p', { class: 'quiet' }, each.description) : '',
    each.parameters?.length > 0 ? parameters(each.parameters) : '',
    each.requestBody ? body('Request', each.requestBody) : '',
    ...Object.entries(each.responses ?? {}).map(([status, response]) =>
      body(`Answer ${status}`, response, response.description),
    ),
  )
}

function parameters(list) {
  const rows = list.map((each) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, element('code', {}, each.name)),
      element('td', {}, `${each.in}${each.required ? ', required' : ''}`),
      element('td', {}, element('code', {}, summaryOf(each.schema ?? {}))),
      element('td', {}, each.description ?? each.schema?.description ?? ''),
    ),
  )
  const head = element(
    'tr',
    {},
    ...['Name', 'In', 'Type', 'Meaning'].map((name) => element('th', { scope: 'col' }, name)),
  )
  return element(
    'div',
    { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Parameters' },
    element('table', {}, element('thead', {}, head), element('tbody', {}, ...rows)),
  )
}

function body(title, described, note) {
  const schemas = Object.entries(described.content ?? {}).map(([type, media]) =>
    element(
      'details',
      {},
      element('summary', {}, type),
      element('pre', { tabindex: '0' }, JSON.stringify(media.schema ?? {}, undefined, 2)),
    ),
  )
  return element(
    'section',
    {},
    element('h4', {}, title),
    note ? element('p', { class: 'quiet' }, note) : '',
    ...schemas,
  )
}

function summaryOf(schema) {
  const limits = ['minimum', 'maximum', 'minLength', 'maxLength', 'default']
    .filter((name) => schema[name] !== undefined)
    .map((name) => `${name} ${schema[name]}`)
  return [schema.type ?? 'any', ...limits].join(', ')
}

function anchor(each) {
  return `${each.method}${each.path.replaceAll(/[^a-z0-9]+/gi, '-')}`
}

/** Text becomes text nodes: nothing of the description is read as markup. */
function element(name, attributes, ...children) {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  made.append(...children.filter((child) => child !== ''))
  return made
}
