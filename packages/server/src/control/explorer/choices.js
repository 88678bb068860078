// What the operations are about: which of the organization's objects are chosen, and the variables that follow from it.
const CHOICES = ['appId', 'connectionId', 'integrationId'];

/** What the ids of the variables are, where they are not the choices themselves. Empty where nothing is known. */
const known = { connectionPrototypeId: '', messageId: '' };

/** Everything that the caller may see and choose from. */
let seen = { organizations: [], applications: [], orgConnections: [] };

/** The pipeline that a link was about, until it was looked for. */
let linked = '';

const WHAT_THERE_IS = `query ($orgId: ID!, $inOrganization: Boolean!) {
  organizations { id name }
  applications { id name orgId clickstreamConfigs { id name connectionId } }
  orgConnections(orgId: $orgId) @include(if: $inOrganization) { id name integrationCode }
  clickstreamPrototypes(code: "webhooks") { id }
}`;

/** The ids that examples name as variables; those that nothing is known for are left out. */
function ids() {
  const all = { ...known, orgId: field('organization').value.trim() };
  for (const id of CHOICES) all[id] = chosen(id);
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
}

const chosen = (id) => sessionStorage.getItem(`explorer:${id}`) ?? '';
const choose = (id, value) => sessionStorage.setItem(`explorer:${id}`, value);

/** Chooses an object, and nothing yet of those that go with it: they follow it. */
function change(id, value) {
  choose(id, value);
  if (id === 'appId') choose('integrationId', '');
  if (id !== 'connectionId') choose('connectionId', '');
}

/** Looks up what there is, and offers it. Resolves with what there is to say about it. */
async function lookAround() {
  field('sign-in').hidden = field('token').value !== '';
  field('ids').hidden ||= field('token').value === '';
  if (field('token').value === '') return linked && 'Sign in to look at the pipeline of this link.';
  const organization = field('organization').value.trim();
  const variables = { orgId: organization, inOrganization: organization !== '' };
  const { data } = await post({ query: WHAT_THERE_IS, variables }, { organization: '' });
  if (!data?.organizations || !data.applications) return;
  seen = { ...data, orgConnections: data.orgConnections ?? [] };
  known.connectionPrototypeId = data.clickstreamPrototypes?.[0]?.id ?? '';
  if (settle() !== organization) return lookAround();
  offer();
  const isLost = linked !== '' && chosen('integrationId') !== linked;
  linked = '';
  return isLost ? 'The pipeline of this link is not there any more, or you may not see it.' : undefined;
}

/**
 * Has the choices fit together: a pipeline that was chosen brings its source, and a source its organization. Returns the
 * organization's id.
 */
function settle() {
  const { organizations, applications } = seen;
  const ofPipeline = applications.find(({ clickstreamConfigs }) =>
    has(clickstreamConfigs, chosen('integrationId')),
  );
  if (ofPipeline) choose('appId', ofPipeline.id);
  const ofSource = applications.find(({ id }) => id === chosen('appId'));
  const organization =
    ofSource?.orgId ?? (field('organization').value.trim() || (organizations[0]?.id ?? ''));
  setField('organization', organization);
  return organization;
}

const has = (list, id) => (list ?? []).some((each) => each.id === id);

/** Fills the lists to choose from, each with what was chosen, or else its first. */
function offer() {
  const organization = field('organization').value.trim();
  const sources = seen.applications.filter(({ orgId }) => orgId === organization);
  fill(
    field('organizations'),
    seen.organizations.map(({ id, name }) => [id, name]),
  );
  select('appId', sources, 'no source yet');
  const pipelines = sources.find(({ id }) => id === chosen('appId'))?.clickstreamConfigs ?? [];
  select('integrationId', pipelines, 'no pipeline yet');
  const { connectionId } = pipelines.find(({ id }) => id === chosen('integrationId')) ?? {};
  if (chosen('connectionId') === '') choose('connectionId', connectionId ?? '');
  select('connectionId', seen.orgConnections, 'no connection yet');
  field('ids').querySelector('button').disabled = chosen('appId') === '';
  field('ids').hidden = false;
}

function select(id, list, none) {
  const value = has(list, chosen(id)) ? chosen(id) : (list[0]?.id ?? '');
  const choices = list.map(({ id, name, integrationCode }) => [
    id,
    integrationCode ? `${name} (${integrationCode})` : name,
  ]);
  fill(field(id), list.length > 0 ? choices : [['', none]]);
  field(id).value = value;
  field(id).disabled = list.length === 0;
  choose(id, value);
}

function fill(list, choices) {
  list.replaceChildren(...choices.map(([value, label]) => new Option(label, value)));
}

/** What an answer brings that later operations need. */
const MADE = {
  createApplication: 'appId',
  createConnection: 'connectionId',
  createIntegration: 'integrationId',
};

/** Mutations that sign in, and answer with a token. */
const SIGNING_IN = ['createToken', 'confirmEmail', 'resetPassword', 'setUp'];

/** Takes over from an answer what later operations need. */
function learn(data) {
  for (const name of SIGNING_IN) if (data?.[name]?.token) setField('token', data[name].token);
  if (data?.createOrganization?.id) {
    setField('organization', data.createOrganization.id);
    for (const id of CHOICES) choose(id, '');
  }
  for (const [name, id] of Object.entries(MADE)) if (data?.[name]?.id) change(id, data[name].id);
  known.messageId = data?.events?.nodes?.[0]?.messageId ?? known.messageId;
}

/** Sends an event to the source that is chosen, as an SDK would. */
async function sendTestEvent() {
  const messageId = `explorer-${Date.now().toString(36)}`;
  const response = await fetch('v1/track', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Basic ${btoa(`${chosen('appId')}:`)}` },
    body: JSON.stringify({
      messageId,
      userId: 'explorer',
      event: 'Test Event',
      properties: { from: 'the explorer' },
    }),
  });
  if (!response.ok) throw new Error(`The test event was not accepted: ${await response.text()}`);
  known.messageId = messageId;
  return `The test event ${messageId} was accepted: the examples events, trace and ledger show what becomes of it.`;
}

/** What a link asks for: `#example=deadLetters&integrationId=…`. It is done once, and not again when the page is loaded again. */
function takeLink() {
  const asked = new URLSearchParams(location.hash.slice(1));
  history.replaceState(null, '', location.pathname);
  linked = asked.get('integrationId') ?? '';
  if (linked !== '') change('integrationId', linked);
  const opened = asked.get('example');
  return EXAMPLES.find((query) => query.includes(` ${opened}(`) || query.includes(` ${opened} {`));
}

Object.assign(window, { CHOICES, change, choose, ids, learn, lookAround, offer, sendTestEvent, takeLink });
