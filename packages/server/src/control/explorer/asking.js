// Sends operations with what is in the fields at the top: the endpoint, the token and the organization. They are remembered
// for as long as the window is open.
const field = (id) => document.getElementById(id);
const ACCESS = ['endpoint', 'token', 'organization'];

/** Fills in a field, and remembers it. */
function setField(id, value) {
  field(id).value = value;
  sessionStorage.setItem(`explorer:${id}`, value);
}

function headers() {
  const [token, organization] = ['token', 'organization'].map((id) => field(id).value.trim());
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

/** The answer to an operation; a header that is given as an empty text is not sent. */
async function post(operation, given = {}) {
  const sent = Object.entries({ ...headers(), ...given }).filter(([, value]) => value !== '');
  const response = await fetch(endpoint(), {
    method: 'POST',
    headers: Object.fromEntries(sent),
    body: JSON.stringify(operation),
  });
  return response.json();
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

Object.assign(window, { ACCESS, field, setField, headers, endpoint, post, streamed });
