import type { Json, JsonObject } from '../../kernel/schema/types.ts';

type Pattern = readonly [family: string, pattern: RegExp];

// The first that fits: newer browsers name the older ones too.
const BROWSERS: readonly Pattern[] = [
  ['Edge', /\bEdg(?:e|A|iOS)?\/([\d.]+)/],
  ['Opera', /\bOPR\/([\d.]+)/],
  ['Samsung Internet', /\bSamsungBrowser\/([\d.]+)/],
  ['Firefox iOS', /\bFxiOS\/([\d.]+)/],
  ['Firefox', /\bFirefox\/([\d.]+)/],
  ['Chrome Mobile iOS', /\bCriOS\/([\d.]+)/],
  ['Chrome', /\bChrom(?:e|ium)\/([\d.]+)/],
  ['Safari', /\bVersion\/([\d.]+).*\bSafari\//],
  ['curl', /\bcurl\/([\d.]+)/],
];

const SYSTEMS: readonly Pattern[] = [
  ['iOS', /\b(?:iPhone )?OS ([\d_]+) like Mac OS X/],
  ['Android', /\bAndroid ([\d.]+)/],
  ['Windows', /\bWindows NT ([\d.]+)/],
  ['Mac OS X', /\bMac OS X ([\d_.]+)/],
  ['Chrome OS', /\bCrOS \S+ ([\d.]+)/],
  ['Linux', /\bLinux\b()/],
];

const DEVICES: readonly Pattern[] = [
  ['iPhone', /\biPhone\b()/],
  ['iPad', /\biPad\b()/],
  ['Mac', /\bMacintosh\b()/],
];

function match(patterns: readonly Pattern[], text: string): { family: string; parts: (string | undefined)[] } {
  for (const [family, pattern] of patterns) {
    const found = pattern.exec(text);
    if (found) return { family, parts: (found[1] ?? '').split(/[._]/).map((part) => (part === '' ? undefined : part)) };
  }
  return { family: 'Other', parts: [] };
}

/** What a `User-Agent` header says of browser, system and device, as far as it is one of the usual ones. */
export function parseUserAgent(header: Json | undefined): JsonObject {
  const text = typeof header === 'string' ? header : '';
  const browser = match(BROWSERS, text);
  const os = match(SYSTEMS, text);
  const device = match(DEVICES, text);
  const brand = device.family === 'Other' ? null : 'Apple';
  const [major = null, minor = null, patch = null, patchMinor = null] = os.parts;
  return {
    device: { brand, family: device.family, model: brand === null ? null : device.family },
    os: { family: os.family, major, minor, patch, patch_minor: patchMinor },
    user_agent: {
      family: browser.family,
      major: browser.parts[0] ?? '',
      minor: browser.parts[1] ?? '',
      patch: browser.parts[2] ?? '',
    },
    string: text,
  };
}
