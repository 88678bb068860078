// The page around GraphiQL: it sends what is written there with the token and the organization from the fields above it,
// and remembers both, and the tabs, for as long as the window is open.
const field = (id) => document.getElementById(id);
const FIELDS = ['endpoint', 'token', 'organization'];
const NO_TOKEN = 'Run createToken, or paste a token above: the schema is shown to whoever is signed in.';

/** Mutations that sign in, and answer with a token. */
const SIGNING_IN = ['createToken', 'confirmEmail', 'resetPassword', 'setUp'];

function headers() {
  const { token, organization } = Object.fromEntries(FIELDS.map((id) => [id, field(id).value.trim()]));
  return {
    'content-type': 'application/json',
    ...(token && { authorization: token }),
    ...(organization && { organization }),
  };
}

/** Where to send to: this server only, as the page's policy has it. */
function endpoint() {
  const address = new URL(field('endpoint').value.trim() || '/graphql', location.href);
  if (address.origin !== location.origin)
    throw new Error(`This page talks to ${location.origin} alone. Open /explorer at ${address.origin}.`);
  return address.href;
}

/** Takes an operation from GraphiQL, and gives it what comes back; GraphiQL would show an exception with its stack. */
async function fetcher(operation, { documentAST } = {}) {
  if (operation.operationName === 'IntrospectionQuery' && !headers().authorization)
    return { message: NO_TOKEN };
  try {
    if (isSubscription(operation, documentAST)) return streamed(endpoint(), operation);
    const response = await fetch(endpoint(), {
      method: 'POST',
      headers: headers(),
      body: JSON.stringify(operation),
    });
    const answer = await response.json();
    for (const name of SIGNING_IN) keep('token', answer.data?.[name]?.token);
    keep('organization', answer.data?.createOrganization?.id);
    return answer;
  } catch ({ message }) {
    return { errors: [{ message }] };
  }
}

function isSubscription({ operationName }, documentAST) {
  const operations = documentAST?.definitions.filter(({ kind }) => kind === 'OperationDefinition') ?? [];
  const chosen = operations.find(({ name }) => name?.value === operationName) ?? operations[0];
  return chosen?.operation === 'subscription';
}

/** The results of a subscription, read from server-sent events. */
async function* streamed(address, operation) {
  const leaving = new AbortController();
  try {
    const response = await fetch(`${address}/stream`, {
      method: 'POST',
      headers: { ...headers(), accept: 'text/event-stream' },
      body: JSON.stringify(operation),
      signal: leaving.signal,
    });
    if (!response.ok) {
      yield await response.json();
      return;
    }
    let text = '';
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      const events = (text + chunk).split('\n\n');
      text = events.pop();
      for (const event of events) {
        const data = /^event: next\ndata: (.*)$/s.exec(event)?.[1];
        if (data !== undefined) yield JSON.parse(data);
      }
    }
  } finally {
    leaving.abort();
  }
}

function keep(id, value) {
  if (typeof value !== 'string' || value === '' || field(id).value === value) return;
  field(id).value = value;
  changed();
}

/** Remembers the fields, and has GraphiQL ask for the schema once more. */
function changed() {
  for (const id of FIELDS) sessionStorage.setItem(`explorer:${id}`, field(id).value);
  try {
    endpoint();
    field('notice').textContent = '';
  } catch ({ message }) {
    field('notice').textContent = message;
  }
  render();
}

const root = ReactDOM.createRoot(field('explorer'));
function render() {
  root.render(
    React.createElement(GraphiQL, {
      // Another function each time: that is how GraphiQL learns that the schema may be another one.
      fetcher: (...args) => fetcher(...args),
      storage: sessionStorage,
      defaultTabs: EXAMPLES.map(({ query, variables }) => ({
        query,
        variables: variables && JSON.stringify(variables, null, 2),
      })),
      isHeadersEditorEnabled: false,
      shouldPersistHeaders: false,
      showPersistHeadersSettings: false,
    }),
  );
}

for (const id of FIELDS) {
  field(id).value = sessionStorage.getItem(`explorer:${id}`) ?? field(id).value;
  field(id).addEventListener('change', changed);
}
field('access').addEventListener('submit', (event) => {
  event.preventDefault();
  changed();
});
render();
