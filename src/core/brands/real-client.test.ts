import { expect, test } from 'vitest';
import { ADMIN_TOKEN, testApp } from '../../../test/app.ts';
import { realApi, realClient } from '../../../test/contract/real-client.ts';

const app = await testApp();
const baseUrl = await app.http.listen({ host: '127.0.0.1', port: 0 });

test('the published client makes, finds, changes and deletes a brand, and anybody asks for the current one', async () => {
  const core = new (realApi('CoreApi'))(realClient({ baseUrl, token: ADMIN_TOKEN }));
  const anybody = new (realApi('CoreApi'))(realClient({ baseUrl }));
  const flows = new (realApi('FlowsApi'))(realClient({ baseUrl, token: ADMIN_TOKEN }));
  const flow = await flows.flowsInstancesRetrieve({ slug: 'default-authentication-flow' });

  const made = await core.coreBrandsCreate({
    brandRequest: { domain: '127.0.0.1', brandingTitle: 'Loopback', flowAuthentication: flow.pk },
  });
  expect([made._default, made.flowInvalidation]).toEqual([false, undefined]);
  const seen = await anybody.coreBrandsCurrentRetrieve();
  expect([seen.matchedDomain, seen.brandingTitle, seen.flowAuthentication]).toEqual([
    '127.0.0.1',
    'Loopback',
    'default-authentication-flow',
  ]);
  const brandUuid = made.brandUuid;
  await core.coreBrandsUpdate({ brandUuid, brandRequest: { domain: '127.0.0.1', brandingTitle: 'Changed' } });
  await core.coreBrandsPartialUpdate({ brandUuid, patchedBrandRequest: { flowAuthentication: null } });
  expect(await core.coreBrandsRetrieve({ brandUuid })).toMatchObject({ brandingTitle: 'Changed' });
  expect((await core.coreBrandsList({ domain: '127.0.0.1' })).results).toHaveLength(1);
  expect(await core.coreBrandsUsedByList({ brandUuid })).toEqual([]);
  await core.coreBrandsDestroy({ brandUuid });
  expect((await anybody.coreBrandsCurrentRetrieve()).matchedDomain).toBe('authentik-default');
});
