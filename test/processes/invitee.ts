import { Jar, executorUrl } from '../jar.ts';
import type { Answer, Send } from '../jar.ts';
import { FLOW } from './administrator.ts';

const SIGN_IN = 'default-authentication-flow';
const PASSWORD = 'correct horse battery staple';

/** A person with a link, in a browser of their own, going through the default enrollment flow. */
export type Invitee = {
  readonly username: string;
  readonly jar: Jar;
  /** Opens the link and answers the credentials; stands before the details. */
  toDetails(): Promise<void>;
  /** Answers the details, without following the redirect: the next GET commits. */
  answerDetails(): Promise<Answer>;
  /** The GET that commits, and what follows. */
  commit(): Promise<Answer>;
  /** All of it. */
  enroll(): Promise<Answer>;
};

function expectComponent(answer: Answer, component: string): void {
  if (answer.status === 200 && answer.body?.component === component) return;
  throw new Error(`Expected ${component}, got ${answer.status}: ${answer.text.slice(0, 500)}`);
}

/** Whether the flow said that the account exists and the person is signed in. */
export function isEnrolled(answer: Answer): boolean {
  return answer.status === 200 && answer.body?.component === 'xak-flow-redirect' && answer.body.to === '/';
}

/** Whether the link was refused, in the words of contract part 2, 1.2. */
export function isDenied(answer: Answer): boolean {
  const { status, body } = answer;
  const message = 'Invalid invite/invite not found';
  return status === 200 && body?.component === 'ak-stage-access-denied' && body.error_message === message;
}

/**
 * @param send which server gets a request; several take turns, so that nothing can hide in one process
 * @param who `link` is the invitation's key
 */
export function invitee(send: Send, who: { username: string; link: string }): Invitee {
  const { username, link } = who;
  const jar = new Jar(send);
  const query = `itoken=${link}`;
  const url = executorUrl(FLOW, query);
  const self: Invitee = {
    username,
    jar,
    async toDetails() {
      const first = await jar.open(FLOW, query);
      expectComponent(first, 'ak-stage-prompt');
      const reply = { component: 'ak-stage-prompt', username, password: PASSWORD, password_repeat: PASSWORD };
      expectComponent(await jar.answer(FLOW, reply, query), 'ak-stage-prompt');
    },
    answerDetails() {
      const details = { component: 'ak-stage-prompt', name: `Name of ${username}`, email: `${username}@example.org` };
      return jar.ask('POST', url, { json: details });
    },
    commit: () => jar.get(url),
    async enroll() {
      await self.toDetails();
      await self.answerDetails();
      return self.commit();
    },
  };
  return self;
}

/** Signs in from another browser with the password that every invitee chooses. */
export async function signIn(send: Send, username: string): Promise<Answer> {
  const jar = new Jar(send);
  expectComponent(await jar.open(SIGN_IN), 'ak-stage-identification');
  const identified = await jar.answer(SIGN_IN, { component: 'ak-stage-identification', uid_field: username });
  expectComponent(identified, 'ak-stage-password');
  return jar.answer(SIGN_IN, { component: 'ak-stage-password', password: PASSWORD });
}
