import {
  anyone,
  defineChange,
  defineProblem,
  defineRead,
  ownOperation,
  pageType,
  Problem,
  readPage,
  signedIn,
  t,
} from '../../src/kernel/own-api/index.ts';
import type { Subject } from '../../src/kernel/own-api/index.ts';
import type { Contribution } from '../../src/kernel/feature.ts';

/** A toy of the own API: notes, in a table of the test's own. */
export const NOTES = '/api/vestibule/v1/notes';
export const notesTable = 'create table note (id serial primary key, text text not null, tags jsonb not null)';

type Note = { readonly id: number; readonly text: string; readonly tags: object };

const noteType = t.object('Note', {
  id: t.integer(),
  text: t.text({ maxLength: 20 }),
  tags: t.json(),
});
const noteInput = t.object('Note', {
  text: t.text({ minLength: 1, maxLength: 20 }),
  tags: t.optional(t.json(), {}),
});

const note: Subject<Note> = {
  type: noteType,
  async load(_ctx, { db, params, lock }) {
    const [row] = await db.query<Note>(`select * from note where id::text = $1${lock ? ' for update' : ''}`, [
      params['id'] ?? '',
    ]);
    return row;
  },
  represent: (_ctx, object) => object,
};

const full = defineProblem({ code: 'no_more_notes', status: 409, title: 'No more notes', about: 'There are enough.' });

/** How long a note called `slow` takes to be written, in milliseconds. */
const SLOW = 400;

export const noteOperations: readonly Contribution[] = [
  defineRead({
    operationId: 'listNotes',
    path: '/notes',
    tag: 'notes',
    summary: 'List notes',
    access: signedIn,
    query: {
      limit: t.optional(t.integer({ minimum: 1, maximum: 100 }), 2),
      cursor: t.optional(t.text({ maxLength: 400 })),
    },
    responses: { 200: pageType('NoteList', noteType) },
    async handle(ctx, { query }) {
      const text = 'select * from note where id < $1::integer order by id desc limit $2';
      const page = await readPage(
        ctx,
        { scope: 'notes', ...query },
        {
          find: ({ after = ['2147483647'], limit }) => ctx.db.query<Note>(text, [after[0] ?? '', limit]),
          place: ({ id }) => [String(id)],
        },
      );
      return { value: page };
    },
  }),
  defineChange({
    operationId: 'createNote',
    method: 'POST',
    path: '/notes',
    tag: 'notes',
    summary: 'Make a note',
    access: signedIn,
    body: noteInput,
    responses: { 201: noteType },
    problems: [full],
    async handle(_ctx, { tx, body: { text, tags } }) {
      if (text === 'full') throw new Problem(full);
      if (text === 'slow') await tx.query(`select pg_sleep($1::double precision / 1000)`, [SLOW]);
      const [row] = await tx.query<Note>('insert into note (text, tags) values ($1, $2::jsonb) returning *', [
        text,
        JSON.stringify(tags),
      ]);
      return { value: row, headers: { location: `${NOTES}/${row?.id ?? 0}` } };
    },
  }),
  defineRead<Record<never, never>, Note>({
    operationId: 'readNote',
    path: '/notes/{id}',
    tag: 'notes',
    summary: 'Read a note',
    access: signedIn,
    subject: note,
    responses: { 200: noteType },
    handle: (_ctx, { object }) => ({ value: object, represents: object }),
  }),
  defineChange({
    operationId: 'changeNote',
    method: 'PATCH',
    path: '/notes/{id}',
    tag: 'notes',
    summary: 'Change a note',
    access: signedIn,
    subject: note,
    needsIfMatch: true,
    body: noteInput,
    merges: (_ctx, { text, tags }: Note) => ({ text, tags: JSON.parse(JSON.stringify(tags)) }),
    responses: { 200: noteType },
    async handle(_ctx, { tx, object: { id }, body: { text, tags } }) {
      const [row] = await tx.query<Note>('update note set text = $2, tags = $3::jsonb where id = $1 returning *', [
        id,
        text,
        JSON.stringify(tags),
      ]);
      return { value: row, represents: row };
    },
  }),
  defineRead({
    operationId: 'readOpenNote',
    path: '/open-note',
    tag: 'notes',
    summary: 'Say hello',
    access: anyone,
    responses: { 200: { media: 'text/plain' } },
    handle: () => ({ value: 'hello' }),
  }),
  defineChange({
    operationId: 'createOpenNote',
    method: 'POST',
    path: '/open-note',
    tag: 'notes',
    summary: 'Make a note of anybody',
    access: anyone,
    body: noteInput,
    responses: { 201: noteType },
    async handle(_ctx, { tx, body: { text } }) {
      const [row] = await tx.query<Note>(`insert into note (text, tags) values ($1, '{}') returning *`, [text]);
      return { value: row };
    },
  }),
  defineRead({
    operationId: 'breakNote',
    path: '/broken-note',
    tag: 'notes',
    summary: 'Fail',
    access: anyone,
    responses: { 200: noteType },
    handle() {
      throw new Error('the secret is open sesame');
    },
  }),
  defineRead({
    operationId: 'leakNote',
    path: '/leaking-note',
    tag: 'notes',
    summary: 'Show too much',
    access: anyone,
    responses: { 200: noteType },
    handle: () => ({ value: { id: 1, text: 'a', tags: {}, secret: 'never' } }),
  }),
].map((one) => ownOperation(one));
