import { hash as hashArgon2 } from '@node-rs/argon2';
import { pbkdf2Sync, scryptSync } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { describe, expect, test } from 'vitest';
import { createPasswords, HashingBusy, MAX_PASSWORD_LENGTH } from './passwords.ts';

const passwords = createPasswords();
const ACCEPTED = { ok: true, rehash: false };
const OUTDATED = { ok: true, rehash: true };
const REFUSED = { ok: false, rehash: false };

function djangoPbkdf2(password: string, iterations: number, name: 'sha256' | 'sha1'): string {
  const key = pbkdf2Sync(password, 'seasalt', iterations, name === 'sha256' ? 32 : 20, name);
  return `pbkdf2_${name}$${iterations}$seasalt$${key.toString('base64')}`;
}

describe('our own hashes', () => {
  test('a password is stored as Django stores Argon2id, with the parameters of OWASP', async () => {
    const encoded = await passwords.hash('lètmein');
    expect(encoded).toMatch(/^argon2\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(await passwords.hash('lètmein')).not.toBe(encoded);
    expect(await passwords.verify('lètmein', encoded)).toEqual(ACCEPTED);
  });

  test('another password is refused, its case, a blank and a prefix included', async () => {
    const encoded = await passwords.hash('correct horse');
    for (const wrong of ['Correct horse', 'correct horse ', 'correct hors', '', 'correct horse\u0000']) {
      expect(await passwords.verify(wrong, encoded)).toEqual(REFUSED);
    }
  });

  test('one password verifies from keyboards that compose letters differently', async () => {
    const encoded = await passwords.hash('Zu\u0308rich \ufb01n');
    expect(await passwords.verify('Z\u00fcrich fin', encoded)).toEqual(ACCEPTED);
    expect(await passwords.verify('Zu\u0308rich \ufb01n', encoded)).toEqual(ACCEPTED);
  });

  test('a long password is never cut off, and one beyond the limit is refused', async () => {
    const long = 'x'.repeat(MAX_PASSWORD_LENGTH);
    const encoded = await passwords.hash(long);
    expect(await passwords.verify(long, encoded)).toEqual(ACCEPTED);
    expect(await passwords.verify(long.slice(1), encoded)).toEqual(REFUSED);
    expect(await passwords.verify(`${long}x`, encoded)).toEqual(REFUSED);
    await expect(passwords.hash(`${long}x`)).rejects.toThrow(RangeError);
  });
});

describe('imported hashes', () => {
  test.each([
    // Vectors of Django's own test suite (tests/auth_tests/test_hashers.py).
    ['pbkdf2_sha256$1500000$seasalt$P4UiMPVduVWIL/oS1GzH+IofsccjJNM5hUTikBvi5to=', 'lètmein'],
    ['pbkdf2_sha1$260000$seasalt2$wAibXvW6jgvatCdONi6SMJ6q7mI=', 'lètmein'],
    [
      'scrypt$16384$seasalt$8$5$ECMIUp+LMxMSK8xB/IVyba+KYGTI7FTnet025q/1f/vBAVnnP3hdYqJuRi+mJn6ji6ze3Fbb7JEFPKGpuEf5vw==',
      'lètmein',
    ],
    ['argon2$argon2id$v=19$m=102400,t=2,p=8$Y041dExhNkljRUUy$TMa6A8fPJhCAUXRhJXCXdw', 'secret'],
    ['argon2$argon2i$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$YC9+jJCrQhs5R6db7LlN8Q', 'secret'],
  ])('%s is verified', async (encoded, password) => {
    expect((await passwords.verify(password, encoded)).ok).toBe(true);
    expect(await passwords.verify(`${password}x`, encoded)).toEqual(REFUSED);
  });

  test('PBKDF2 as Django writes it verifies and asks to be hashed anew', async () => {
    for (const encoded of [djangoPbkdf2('päss', 5000, 'sha256'), djangoPbkdf2('päss', 5000, 'sha1')]) {
      expect(await passwords.verify('päss', encoded)).toEqual(OUTDATED);
      expect(await passwords.verify('pass', encoded)).toEqual(REFUSED);
    }
  });

  test('scrypt as Django writes it verifies and asks to be hashed anew', async () => {
    const key = scryptSync('päss', 'seasalt', 64, { N: 1024, r: 8, p: 5 });
    const encoded = `scrypt$1024$seasalt$8$5$${key.toString('base64')}`;
    expect(await passwords.verify('päss', encoded)).toEqual(OUTDATED);
    expect(await passwords.verify('pass', encoded)).toEqual(REFUSED);
  });

  test('Argon2 verifies; weaker parameters and the bare form ask to be hashed anew, stronger ones stay', async () => {
    const bare = await hashArgon2('päss', { memoryCost: 19_456, timeCost: 2, parallelism: 1 });
    const weak = await hashArgon2('päss', { memoryCost: 8192, timeCost: 2, parallelism: 1 });
    const strong = await hashArgon2('päss', { memoryCost: 20_480, timeCost: 3, parallelism: 4 });
    expect(await passwords.verify('päss', bare)).toEqual(OUTDATED);
    expect(await passwords.verify('päss', `argon2${weak}`)).toEqual(OUTDATED);
    expect(await passwords.verify('päss', `argon2${strong}`)).toEqual(ACCEPTED);
  });

  test('an imported hash of a password that is not in normal form verifies as typed and is hashed anew', async () => {
    const typed = 'Zu\u0308rich';
    const encoded = `argon2${await hashArgon2(typed, { memoryCost: 19_456, timeCost: 2, parallelism: 1 })}`;
    expect(await passwords.verify(typed, encoded)).toEqual(OUTDATED);
  });

  test.each([
    '',
    '!',
    '!unusable',
    'plain',
    'md5$salt$5f4dcc3b5aa765d61d8327deb882cf99',
    'pbkdf2_sha256$1000$salt$',
    'pbkdf2_sha256$0$salt$aGFzaA==',
    'pbkdf2_sha256$99999999$salt$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=',
    'pbkdf2_sha256$1$$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=',
    'pbkdf2_sha256$1$salt$AAAA',
    'scrypt$1024$salt$8$5$',
    'scrypt$1000$salt$8$5$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=',
    'scrypt$16777216$salt$64$5$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=',
    'argon2$',
    '$argon2id$',
    'argon2$argon2id$v=19$m=19456,t=2,p=1$x',
    'argon2$argon2id$v=19$m=4294967295,t=2,p=1$c2FsdHNhbHQ$YC9+jJCrQhs5R6db7LlN8Q',
    'constructor$1$salt$AAAA',
  ])('the stored text %j lets nobody in and throws nothing', async (encoded) => {
    for (const password of ['', 'password', encoded])
      expect(await passwords.verify(password, encoded)).toEqual(REFUSED);
  });
});

describe('the queue', () => {
  test('takes what it is told and refuses the next at once, then works on (R11)', async () => {
    const small = createPasswords({ concurrency: 1, queueLimit: 2 });
    const accepted = [small.hash('a'), small.verifyNothing(), small.verify('a', '!')];
    await expect(small.hash('b')).rejects.toThrow(HashingBusy);
    await expect(small.verify('b', '!')).rejects.toThrow(HashingBusy);
    await expect(small.verifyNothing()).rejects.toThrow(HashingBusy);
    expect(await Promise.all(accepted)).toHaveLength(3);
    expect(await small.hash('c')).toContain('argon2$');
  });

  test('a burst of hashes leaves the event loop free', async () => {
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    await Promise.all(Array.from({ length: 20 }, () => passwords.hash('burst')));
    delay.disable();
    expect(delay.percentile(50) / 1e6).toBeLessThan(50);
  });

  test('an unknown user and an unusable password cost the work of a hash (T24)', async () => {
    const one = createPasswords({ concurrency: 1 });
    const encoded = await one.hash('known');
    const known = await leastWork(() => one.verify('wrong', encoded));
    for (const other of [() => one.verifyNothing(), () => one.verify('wrong', '!'), () => one.verify('wrong', 'odd')]) {
      expect(await leastWork(other)).toBeGreaterThan(known / 2);
    }
  });

  test('so they do for a password that is not in normal form, which is compared twice (A06, T24)', async () => {
    const one = createPasswords({ concurrency: 1 });
    const typed = 'wro\ufb01ng';
    const encoded = await one.hash('known');
    // What takes a second turn is overtaken by what came after its first.
    const overtaken = (work: () => Promise<unknown>): Promise<string> =>
      Promise.race([work().then(() => 'one turn'), one.hash('next').then(() => 'two turns')]);
    expect(await overtaken(() => one.verify(typed, encoded))).toBe('two turns');
    expect(await overtaken(() => one.verifyNothing(typed))).toBe('two turns');
    expect(await overtaken(() => one.verify(typed, '!'))).toBe('two turns');
    expect(await overtaken(() => one.verifyNothing('plain'))).toBe('one turn');
  });
});

/** CPU time in microseconds, of the hashing threads too; unlike the clock it does not stand still for other programs. */
async function leastWork(work: () => Promise<unknown>): Promise<number> {
  let least = Infinity;
  for (let round = 0; round < 5; round += 1) {
    const start = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(start);
    least = Math.min(least, user + system);
  }
  return least;
}
