const PLAIN = /^[^\s"=\p{Cc}]+$/u;
// Controls, and the marks that turn the direction of what follows.
const CONTROL = /[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu;

/** In: one line of JSON as the logger writes it. Out: the line for people: time, level, message, key=value. */
export function formatText(line: string): string {
  const { time, level, message, ...fields }: Record<string, unknown> = JSON.parse(line);
  const head = `${String(time).slice(0, 19).replace('T', ' ')} ${String(level).padEnd(5)} ${visible(String(message))}`;
  const stacks: string[] = [];
  const pairs = Object.entries(fields).flatMap(([key, value]) => {
    const { stack, ...rest } = isRecord(value) ? value : {};
    if (typeof stack !== 'string') return pair(key, value);
    stacks.push(indent(stack));
    return pair(key, rest);
  });
  return `${[head, ...pairs].join(' ')}\n${stacks.join('')}`;
}

/** Nested fields become `outer.inner=value`. */
function pair(key: string, value: unknown): string[] {
  if (isRecord(value)) return Object.entries(value).flatMap(([inner, item]) => pair(`${key}.${inner}`, item));
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return [
    `${visible(key)}=${typeof value === 'string' && !PLAIN.test(text) ? visible(JSON.stringify(text)) : visible(text)}`,
  ];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// A value must not be able to begin a new line or steer a terminal.
function visible(text: string): string {
  return text.replace(CONTROL, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function indent(stack: string): string {
  return stack
    .split('\n')
    .map((line) => `    ${visible(line.trim())}\n`)
    .join('');
}
