// The page around GraphiQL: it sends what is written there with the token and the organization from the fields above it.
const NO_TOKEN = 'Sign in, or paste a token above: the schema is shown to whoever is signed in.';

/** Takes an operation from GraphiQL, and gives it what comes back; GraphiQL would show an exception with its stack. */
async function fetcher(asked, { documentAST } = {}) {
  const isAboutSchema = asked.operationName === 'IntrospectionQuery';
  if (isAboutSchema && !headers().authorization) return { message: NO_TOKEN };
  try {
    if (isAboutSchema) return await post(asked);
    const operation = { ...asked, variables: { ...ids(), ...asked.variables } };
    const kind = kindOf(operation, documentAST);
    if (kind === 'subscription') return streamed(endpoint(), operation);
    const answer = await post(operation);
    const before = field('token').value;
    learn(answer.data);
    if (field('token').value !== before) render();
    if (kind === 'mutation') await say(lookAround);
    return answer;
  } catch ({ message }) {
    return { errors: [{ message }] };
  }
}

function kindOf({ operationName }, documentAST) {
  const operations = documentAST?.definitions.filter(({ kind }) => kind === 'OperationDefinition') ?? [];
  const chosen = operations.find(({ name }) => name?.value === operationName) ?? operations[0];
  return chosen?.operation;
}

/** Does what was asked for in the fields, and says below them what came of it. */
async function say(work) {
  try {
    field('notice').textContent = (await work()) ?? '';
  } catch ({ message }) {
    field('notice').textContent = message;
  }
}

/** Remembers a field, and has GraphiQL ask for the schema once more. */
const changed = (id) =>
  say(async () => {
    setField(id, field(id).value);
    // Whoever chooses another organization has chosen none of its objects yet.
    if (id === 'organization') for (const each of CHOICES) choose(each, '');
    endpoint();
    render();
    return lookAround();
  });

async function signIn() {
  const { username, password } = Object.fromEntries(new FormData(field('sign-in')));
  const query = `mutation ($username: String!, $password: String!) {
    createToken(username: $username, password: $password) { message token }
  }`;
  const { data, errors } = await post({ query, variables: { username, password } }, { authorization: '' });
  if (!data?.createToken?.token) return data?.createToken?.message ?? errors?.[0]?.message;
  learn(data);
  field('sign-in').reset();
  render();
  return lookAround();
}

const opened = takeLink();
const defaultTabs = [opened, ...EXAMPLES.filter((query) => query !== opened)]
  .filter((query) => query !== undefined)
  .map((query) => ({ query }));
const root = ReactDOM.createRoot(field('explorer'));
function render() {
  root.render(
    React.createElement(GraphiQL, {
      // Another function each time: that is how GraphiQL learns that the schema may be another one.
      fetcher: (...args) => fetcher(...args),
      storage: sessionStorage,
      defaultTabs,
      ...(opened !== undefined && { query: opened }),
      isHeadersEditorEnabled: false,
      shouldPersistHeaders: false,
      showPersistHeadersSettings: false,
    }),
  );
}

for (const id of ACCESS) {
  field(id).value = sessionStorage.getItem(`explorer:${id}`) ?? field(id).value;
  field(id).addEventListener('change', () => changed(id));
}
for (const id of CHOICES)
  field(id).addEventListener('change', () => {
    change(id, field(id).value);
    offer();
  });
const SUBMITTED = { access: lookAround, 'sign-in': signIn, ids: sendTestEvent };
for (const [id, work] of Object.entries(SUBMITTED))
  field(id).addEventListener('submit', (event) => {
    event.preventDefault();
    say(work);
  });
render();
say(lookAround);
