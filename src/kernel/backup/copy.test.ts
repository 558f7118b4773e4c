import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDatabase } from '../testing/database.ts';
import type { TestDatabase } from '../testing/database.ts';
import { onClient } from './client.ts';
import { copyOut } from './copy.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(() => database.drop());

// More than a stream holds before it asks to wait (16 or 64 KiB), and all of it in what the server sends at once.
test.each([1, 20_000, 70_000, 3_000_000])(
  'R01: a table whose rows have %i bytes is copied out whole, and the connection goes on',
  async (length) => {
    const { copied, after } = await onClient(database.connection, async (client) => {
      const bytes = await buffer(copyOut(client, `copy (select repeat('x', ${length})) to stdout`));
      return { copied: bytes.length, after: await client.query<{ one: number }>('select 1 as one') };
    });
    expect(copied).toBe(length + 1);
    expect(after.rows).toEqual([{ one: 1 }]);
  },
);

test('a refused copy fails, and the connection goes on', async () => {
  const rows = await onClient(database.connection, async (client) => {
    await expect(buffer(copyOut(client, 'copy nothing_of_this_name to stdout'))).rejects.toThrow('does not exist');
    return (await client.query<{ one: number }>('select 1 as one')).rows;
  });
  expect(rows).toEqual([{ one: 1 }]);
});
