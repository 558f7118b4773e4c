import { openFields } from '../../../../../core/flows/index.ts';
import { databaseNow } from '../../../../../kernel/db/now.ts';
import { ApiError } from '../../../../../kernel/errors/api-error.ts';
import type { Reply } from '../../../../../kernel/http/message.ts';
import type { Transaction } from '../../../../../kernel/db/types.ts';
import { Problem, onceByForm, parse } from '../../../../../kernel/own-api/index.ts';
import type { JsonObject } from '../../../../../kernel/schema/types.ts';
import { formatDuration } from '../../v1/duration.ts';
import { newInvitation } from '../../v1/fields.ts';
import { linkOf } from '../../v1/link.ts';
import { makeInvitation } from '../../v1/operations/create.ts';
import { encodeSvg } from '../../v1/qr.ts';
import { mail } from './mail.ts';
import type { Place } from './place.ts';
import { show } from './show.ts';

/** In seconds. Longer than anybody may give; what is beyond it is not even an instant. */
const LONGEST = 10_000 * 86_400;

type Typed = {
  readonly email: string;
  readonly message: string;
  readonly flow: string;
  readonly lifetime: number;
  /** Whether it is mailed to the address. */
  readonly send: boolean;
};

function typedOf({ flows }: Place, reply: JsonObject): Typed {
  const text = (key: string): string => {
    const value = reply[key];
    return typeof value === 'string' ? value.trim() : '';
  };
  const [only = ''] = flows.values();
  return {
    email: text('email'),
    message: text('message'),
    flow: text('flow') || only,
    lifetime: Math.min(Math.max(Number(text('lifetime')) || 0, 0), LONGEST),
    send: text('send') === 'yes',
  };
}

/** Whether the flow asks for an address, so that it may be filled in. */
async function asksForAddress({ signed: { ctx }, flows }: Place, slug: string): Promise<boolean> {
  const [flow] = [...flows].find(([, known]) => known === slug) ?? [];
  if (flow === undefined) return false;
  const keys = await Promise.all(ctx.registry.all(openFields).map(({ list }) => list(ctx.db, flow)));
  return keys.some((some) => some.includes('email'));
}

async function inputOf(place: Place, { email, message, flow, lifetime, send }: Typed): Promise<JsonObject> {
  const { limits, signed, mailing } = place;
  const now = await databaseNow(signed.ctx.db);
  const life = limits?.maxAccountLifetime ?? null;
  return {
    name: 'personal',
    flow,
    message,
    max_uses: 1,
    expires: new Date(now + lifetime * 1000).toISOString(),
    restrict_to: email === '' ? [] : [email],
    recipients: email === '' || !send || mailing !== 'ready' ? [] : [email],
    fixed_data: email !== '' && (await asksForAddress(place, flow)) ? { email } : {},
    approval: limits?.approval === true,
    account_expires: life === null ? null : formatDuration(Math.max(1, life)),
    with_code: true,
  };
}

function problemOf({ kind, errors }: Problem): string {
  if (kind.code === 'too_many_open' || kind.code === 'too_many_today') return kind.code;
  const isAddress = (pointer: string): boolean => /^\/(?:restrict_to|recipients)/.test(pointer);
  return errors.some((one) => 'pointer' in one && isAddress(one.pointer)) ? 'address' : 'refused';
}

type Made = { readonly id: string; readonly link: string; readonly code: string };

async function make({ request, signed: { ctx } }: Place, tx: Transaction, input: JsonObject): Promise<Made> {
  const { id, row, code, secret } = await makeInvitation({ ctx, tx }, parse(newInvitation, input));
  return { id, code: code ?? '', link: linkOf({ ctx, request }, row, secret).link ?? '' };
}

type Stored = { readonly value: Made; readonly isRepeated: boolean };

/** Makes it once for a form that is sent again as it is: loaded anew, or by a double click. */
async function store(place: Place, { typed, form }: { typed: Typed; form: string }): Promise<Stored> {
  const { ctx } = place.signed;
  const input = await inputOf(place, typed);
  return ctx.db.transaction((tx) =>
    onceByForm({ ctx, tx }, { form, said: JSON.stringify(typed) }, () => make(place, tx, input)),
  );
}

/** Mails what was made. Out: `mailed`, why it was not, or nothing where nobody asked for it. */
async function tellByMail(place: Place, { value: { id }, isRepeated }: Stored, typed: Typed): Promise<JsonObject> {
  const { email, send } = typed;
  if (email === '' || (place.mailing === 'ready' && !send)) return {};
  if (place.mailing !== 'ready') return { mail: place.mailing };
  try {
    await mail(place, id, { isFirst: isRepeated });
    return { mail: 'mailed' };
  } catch (error) {
    if (error instanceof Problem) return { mail: 'failed' };
    if (error instanceof ApiError && error.status === 429) return { mail: 'budget' };
    throw error;
  }
}

/** Makes an invitation, mails it if it is to be, and shows what is shown once. */
export async function invite(place: Place, reply: JsonObject): Promise<Reply> {
  const typed = typedOf(place, reply);
  try {
    const form = reply['form'];
    // A form of nobody's page is its own.
    const stored = await store(place, {
      typed,
      form: typeof form === 'string' ? form : place.signed.ctx.random.uuid(),
    });
    const mailed = await tellByMail(place, stored, typed);
    const { link, code } = stored.value;
    const qr = link === '' ? '' : `data:image/svg+xml;base64,${Buffer.from(encodeSvg(link)).toString('base64')}`;
    return await show(place, { made: { link, code, qr, to: typed.email, ...mailed } });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return show(place, { problem: problemOf(error), typed: { ...typed }, status: error.kind.status });
  }
}
