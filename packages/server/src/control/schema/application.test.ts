import { afterEach, beforeEach, expect, test } from 'vitest';
import { eachDatabase } from '../../store/store.fixture.ts';
import { type Houston, openHouston, textAt } from '../houston.fixture.ts';

const STATUS = '{ success message code id faults { field message } }';

eachDatabase('sources', (open) => {
  let houston: Houston;
  beforeEach(async () => {
    houston = await openHouston(open);
  });
  afterEach(() => houston[Symbol.asyncDispose]());

  const create = (args: string, token?: string) =>
    houston.ask(
      `mutation { createApplication(orgId: "${houston.control.organization}", ${args}) ${STATUS} }`,
      token === undefined ? {} : { token },
    );
  const update = (wish: string, id = houston.control.source) =>
    houston.ask(`mutation { updateApplication(appId: "${id}", ${wish}) ${STATUS} }`);
  const list = (args = '', token?: string) =>
    houston.ask(`{ applications${args} { id appId orgId name platform enabled } }`, {
      organization: null,
      ...(token !== undefined && { token }),
    });

  test('a new source has a Source ID of 21 characters, and takes events', async () => {
    const answer = await create('name: " App ", platform: "ios"');
    const id = textAt(answer, 'id');
    expect(id).toMatch(/^[A-Za-z0-9]{21}$/);
    expect(answer).toMatchObject({ success: true, message: expect.stringContaining(id) });
    const shown = { orgId: houston.control.organization, name: 'App', platform: 'ios', enabled: true };
    expect(await list(`(appId: "${id}")`)).toEqual([{ id, appId: id, ...shown }]);
    expect((await houston.audit())[0]).toMatchObject({
      action: 'source.created',
      target: id,
      targetName: 'App',
      details: { platform: 'ios' },
    });
  });

  test('a source is renamed, switched off and deleted, and the audit log says so', async () => {
    expect(await update('name: "Shop"')).toMatchObject({ success: true });
    expect(await update('enabled: false')).toMatchObject({ success: true });
    expect(await list()).toMatchObject([{ name: 'Shop', enabled: false }]);
    expect(await update('delete: true')).toMatchObject({ success: true });
    expect(await list()).toEqual([]);
    expect(await houston.audit()).toMatchObject([
      { action: 'source.deleted', targetName: 'Shop' },
      { action: 'source.updated', targetName: 'Shop', details: { enabled: false } },
      { action: 'source.updated', targetName: 'Shop', details: { name: 'Shop' } },
    ]);
    expect(await update('name: "Again"')).toMatchObject({ success: false, code: 'NOT_FOUND' });
  });

  test('what cannot be used is refused, and the answer names the field', async () => {
    const refused = (field: string) => ({ success: false, code: 'BAD_INPUT', faults: [{ field }] });
    expect(await create('name: "App", platform: "toaster"')).toMatchObject(refused('platform'));
    expect(await create('name: "", platform: "ios"')).toMatchObject(refused('name'));
    expect(await update('name: "\\n\\u0001x"')).toMatchObject(refused('name'));
    expect(await update('name: null, enabled: null, delete: false')).toMatchObject(refused('name'));
    expect(await list()).toMatchObject([{ name: 'Website', enabled: true }]);
  });

  test('whoever was granted some sources sees those, and makes no new ones', async () => {
    const { source, organization } = houston.control;
    const other = textAt(await create('name: "Other", platform: "server"'), 'id');
    const { token } = await houston.member('ada@example.com', { sources: [other] });
    expect(await list('', token)).toMatchObject([{ id: other }]);
    expect(await list(`(orgId: "${organization}")`, token)).toMatchObject([{ id: other }]);
    expect(await list(`(appId: "${source}")`, token)).toEqual([]);
    expect(await list('(orgId: "another")', token)).toEqual([]);
    expect(await create('name: "New", platform: "server"', token)).toMatchObject({ code: 'FORBIDDEN' });
    const all = await houston.member('bob@example.com');
    expect(await create('name: "New", platform: "server"', all.token)).toMatchObject({ success: true });
    const viewer = await houston.member('eve@example.com', { access: 'VIEW' });
    expect(await create('name: "New", platform: "server"', viewer.token)).toMatchObject({
      code: 'FORBIDDEN',
    });
  });
});
