/** Secrets by where they were planted. */
export type Plants = Map<string, string>;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
// Shorter pieces would be found by chance.
const SHORTEST = 10;

/** The part of a text's base64 that is the same whatever stands around it, for each of the three places it may begin at. */
function base64Parts(bytes: Buffer): string[] {
  return [0, 1, 2].map((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes]);
    const from = before === 0 ? 0 : 4;
    const fullGroups = Math.floor(whole.length / 3) * 4;
    return whole.toString('base64').slice(from, fullGroups);
  });
}

/** How a secret may be written: as it is, percent-encoded once and twice, as JSON, hex, base64; a uuid also without dashes. */
export function spellingsOf(secret: string): readonly string[] {
  const plain = UUID.test(secret) ? [secret, secret.replaceAll('-', '')] : [secret];
  const spellings = plain.flatMap((text) => {
    const bytes = Buffer.from(text);
    const base64 = base64Parts(bytes);
    const everyByte = bytes.toString('hex').replace(/../g, (pair) => `%${pair}`);
    return [
      text,
      encodeURIComponent(text),
      encodeURIComponent(encodeURIComponent(text)),
      everyByte,
      JSON.stringify(text).slice(1, -1),
      bytes.toString('hex'),
      ...base64,
      ...base64.map((part) => part.replaceAll('+', '-').replaceAll('/', '_')),
    ];
  });
  return [...new Set(spellings.map((text) => text.toLowerCase()))].filter((text) => text.length >= SHORTEST);
}

/** Where which secret was found, in words; letter case does not matter. The secrets themselves stay out of the report. */
export function findPlants(plants: Plants, haystacks: Readonly<Record<string, string>>): string[] {
  const found: string[] = [];
  for (const [where, haystack] of Object.entries(haystacks)) {
    const lower = haystack.toLowerCase();
    for (const [name, secret] of plants) {
      for (const spelling of spellingsOf(secret)) {
        const at = lower.indexOf(spelling);
        if (at < 0) continue;
        const around = `${haystack.slice(Math.max(0, at - 80), at)}<${name}>`;
        found.push(`${name} is in ${where}: …${around}`);
        break;
      }
    }
  }
  return found;
}
