// Behind our pages: sends what a form asks for as one mutation, and shows what came of it.
const linkToken = new URLSearchParams(location.search).get('token');
// Out of the address bar and the history before anything else: whoever looks over a shoulder, or comes next, finds nothing.
history.replaceState(null, '', location.pathname);

/** Longer than any answer takes, also when many people wait for a password to be hashed. */
const ANSWER_MS_MAX = 30_000;
const NO_ANSWER = 'The server does not answer. Look whether you are online, then try again.';

const ANSWER = '{ success message code faults { field message } }';
const SIGNED_IN = '{ success message code token faults { field message } }';

const OPERATIONS = {
  confirmEmail: `mutation ($token: String!) { answer: confirmEmail(token: $token) ${SIGNED_IN} }`,
  requestPasswordReset: `mutation ($email: String!) { answer: requestPasswordReset(email: $email) ${ANSWER} }`,
  resetPassword: `mutation ($token: String!, $password: String!) {
    answer: resetPassword(token: $token, password: $password) ${SIGNED_IN}
  }`,
  setUp: `mutation ($token: String!, $email: String!, $password: String!, $firstName: String, $lastName: String, $organization: String!) {
    answer: setUp(
      token: $token
      email: $email
      password: $password
      profile: { firstName: $firstName, lastName: $lastName }
      organization: $organization
    ) ${SIGNED_IN}
  }`,
};

function serve(form) {
  const button = form.querySelector('[type=submit]');
  const notice = form.querySelector('.notice');
  const status = form.querySelector('[role=status]');
  const inputs = [...form.querySelectorAll('input')];
  let isBusy = false;

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (isBusy) return;
    notice.textContent = '';
    if (!tell(inputs.map((input) => [input, faultOf(input)]))) return;
    busy(true);
    const answer = await ask(form.dataset.operation, Object.fromEntries(new FormData(form)));
    busy(false);
    take(answer);
  });
  for (const input of inputs) input.addEventListener('input', () => tell([[input, '']]));
  for (const reveal of form.querySelectorAll('.reveal'))
    reveal.addEventListener('click', () => turn(reveal, reveal.textContent === 'Show'));
  if (linkToken === null && sectionFor('lost')) show('lost');

  function take({ success, message, code, token, faults = [] }) {
    if (success) {
      // Where the explorer keeps it, until the window is closed.
      if (token) sessionStorage.setItem('explorer:token', token);
      return show('done', message);
    }
    if (code === 'NOT_FOUND' && sectionFor('void')) return show('void');
    const told = inputs.map((input) => [input, faults.find(({ field }) => field === input.name)?.message]);
    if (tell(told)) notice.textContent = message;
  }

  /** The button stays one that can be reached: were it disabled, it would lose the focus. */
  function busy(now) {
    isBusy = now;
    button.style.minWidth = now ? `${button.offsetWidth}px` : '';
    button.ariaDisabled = String(now);
    button.dataset.label ??= button.textContent;
    button.textContent = now ? button.dataset.busy : button.dataset.label;
    status.textContent = now ? button.dataset.busy : '';
  }

  function show(state, message) {
    const section = sectionFor(state);
    for (const place of section.querySelectorAll('[data-message]')) place.textContent = message;
    for (const reveal of form.querySelectorAll('.reveal')) turn(reveal, false);
    form.hidden = true;
    section.hidden = false;
    document.title = `${section.querySelector('h1').textContent} · MetaRouter`;
    section.querySelector('h1').focus();
  }
}

const sectionFor = (state) => document.querySelector(`[data-state=${state}]`);

/** What is wrong with a field before anything is sent, as the end of a sentence. A field without a least length has -1. */
function faultOf({ value, required, minLength }) {
  if (required && value.trim() === '') return 'is empty: fill it in';
  if ([...value.normalize()].length < minLength) return `must have at least ${minLength} characters`;
  return undefined;
}

/** Writes the faults of fields beside them, and goes to the first. Whether there are none. */
function tell(faults) {
  for (const [input, fault] of faults) {
    input.ariaInvalid = String(Boolean(fault));
    const text = fault ? `${fault[0].toUpperCase()}${fault.slice(1)}.` : '';
    document.getElementById(`${input.id}-fault`).textContent = text;
  }
  const first = faults.find(([, fault]) => fault);
  first?.[0].focus();
  return first === undefined;
}

/** Shows or hides the password that the button is about. */
function turn(reveal, isShown) {
  document.getElementById(reveal.getAttribute('aria-controls')).type = isShown ? 'text' : 'password';
  reveal.textContent = isShown ? 'Hide' : 'Show';
  reveal.ariaLabel = `${reveal.textContent} the password`;
}

/** What the server answers, in the shape of a StatusMessage. */
async function ask(operation, given) {
  try {
    const response = await fetch('graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: OPERATIONS[operation], variables: { ...given, token: linkToken } }),
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
    const { data, errors } = await response.json();
    return data?.answer ?? { success: false, message: errors[0].message };
  } catch {
    return { success: false, message: NO_ANSWER };
  }
}

for (const element of document.querySelectorAll('[data-address]'))
  element.textContent = new URL(element.dataset.address, location.href).href;
for (const form of document.forms) serve(form);
