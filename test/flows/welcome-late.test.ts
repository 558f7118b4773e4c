import { expect, test } from 'vitest';
import { testApp } from '../app.ts';
import { ENROLLMENT, buildFlow, dummyStage, events, invitationStage, invite, unique } from './builders.ts';
import { extend } from './extended.ts';
import { formOf, headingOf, pageOf, press } from './forms.ts';

// Pages that are out of date when their button is pressed.
const app = await testApp();

/** What happened that is told of. */
const told = async () => (await events(app, 'custom_')).map(({ action }) => action);

test('an invitation that was extended while the page of its end was open is shown as it is now, and the inviter is asked for nothing', async () => {
  const invited = await invite(app);
  await extend(app, invited, { used_up: '2026-01-01T00:00:00Z' });
  const jar = app.jar();
  const page = await jar.get(pageOf(ENROLLMENT, invited.query));
  await app.ctx.db.query('update invitation set used_up = null where invite_uuid = $1', [invited.pk]);
  const before = await told();
  expect(headingOf(await press(jar, page, 'ask'))).toBe('You are invited');
  expect(await told()).toEqual(before);
});

test('an invitation that is over by now is not told to have been opened where its flow goes on without one', async () => {
  const free = await buildFlow(app, [await invitationStage(app, true), await dummyStage(app, unique('gate'))]);
  const invited = await invite(app);
  const jar = app.jar();
  const page = await jar.get(pageOf(free.slug, invited.query));
  await extend(app, invited, { revoked: '2026-01-01T00:00:00Z' });
  const before = await told();
  expect(formOf(await press(jar, page, 'start')).hidden['component']).toBe('ak-stage-dummy');
  expect(await told()).toEqual(before);
  const opened = 'select 1 from invitation_opening where invitation = $1';
  expect(await app.ctx.db.query(opened, [invited.pk])).toEqual([]);
});
