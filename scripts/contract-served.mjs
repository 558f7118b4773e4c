// Writes test/contract/served.md: the part of the published schema that we serve, short enough to read.
// Usage: node scripts/contract-served.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { format } from 'prettier';
import { parse } from 'yaml';

const require = createRequire(import.meta.url);
const packageFile = require.resolve('@goauthentik/api/package.json');
const target = new URL('../test/contract/served.md', import.meta.url);
const document = parse(readFileSync(join(dirname(packageFile), 'schema.yml'), 'utf8'));
const { version } = JSON.parse(readFileSync(packageFile, 'utf8'));

const prefixes = [
  '/stages/invitation/',
  '/flows/instances/',
  '/flows/bindings/',
  '/flows/executor/',
  '/stages/all/',
  '/stages/prompt/',
  '/stages/user_write/',
  '/stages/user_login/',
  '/stages/user_logout/',
  '/stages/identification/',
  '/stages/password/',
  '/stages/email/',
  '/stages/deny/',
  '/stages/dummy/',
  '/core/users/',
  '/core/groups/',
  '/core/tokens/',
  '/core/brands/',
  '/events/events/',
  '/reports/exports/',
  '/policies/bindings/',
];

// The unions list every stage and source there is; only the branches that our stages speak are spelt out.
const spokenComponents = new Set([
  'ak-stage-access-denied',
  'ak-stage-dummy',
  'ak-stage-flow-error',
  'ak-stage-identification',
  'ak-stage-password',
  'ak-stage-prompt',
  'ak-stage-session-end',
  'ak-stage-user-login',
  'xak-flow-frame',
  'xak-flow-redirect',
  'xak-flow-shell',
]);

const nameOf = (ref) => ref.slice(ref.lastIndexOf('/') + 1);
const schemaOf = (ref) => document.components.schemas[nameOf(ref)];
const json = (value) => JSON.stringify(value);

function typeOf(schema) {
  if (schema === undefined) return '-';
  if (schema.$ref) return nameOf(schema.$ref);
  if (schema.allOf) return schema.allOf.map(typeOf).join(' & ');
  if (schema.oneOf) return schema.oneOf.map(typeOf).join(' | ');
  if (schema.enum && schema.type) return `${schema.type} enum ${json(schema.enum)}`;
  if (schema.type === 'array') return `array of ${itemsOf(schema.items)}`;
  if (schema.properties) return `object { ${inlineFields(schema)} }`;
  if (schema.type === 'object' && schema.additionalProperties)
    return `object (any keys: ${typeOf(schema.additionalProperties)})`;
  if (schema.type === undefined) return 'any';
  return schema.format ? `${schema.type}(${schema.format})` : schema.type;
}

function itemsOf(items) {
  const limits = limitsOf(items);
  return limits.length === 0 ? typeOf(items) : `(${[typeOf(items), ...limits].join(', ')})`;
}

function inlineFields(schema) {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties)
    .map(([name, field]) => `${name}: ${fieldText(field, required.has(name))}`)
    .join('; ');
}

const limitKeys = ['minLength', 'maxLength', 'minimum', 'maximum', 'minItems', 'maxItems', 'pattern', 'default'];
const flagKeys = ['nullable', 'readOnly', 'writeOnly', 'deprecated'];

function limitsOf(schema) {
  const flags = flagKeys.filter((key) => schema[key]);
  const limits = limitKeys.filter((key) => key in schema).map((key) => `${key} ${json(schema[key])}`);
  return [...flags, ...limits];
}

function fieldText(schema, required) {
  return [typeOf(schema), ...(required ? ['required'] : []), ...limitsOf(schema)].join(', ');
}

function refsIn(value, found = []) {
  if (Array.isArray(value)) value.forEach((item) => refsIn(item, found));
  else if (value && typeof value === 'object') {
    if (value.oneOf && value.discriminator) {
      const spoken = Object.entries(value.discriminator.mapping).filter(([key]) => spokenComponents.has(key));
      found.push(...spoken.map(([, ref]) => ref));
      return found;
    }
    if (typeof value.$ref === 'string') found.push(value.$ref);
    Object.values(value).forEach((item) => refsIn(item, found));
  }
  return found;
}

function parameterText(raw) {
  const parameter = raw.$ref ? document.components.parameters[nameOf(raw.$ref)] : raw;
  const parts = [typeOf(parameter.schema), ...(parameter.required ? ['required'] : []), ...limitsOf(parameter.schema)];
  if (parameter.style) parts.push(`style ${parameter.style}, explode ${parameter.explode}`);
  const origin = raw.$ref ? ` [${nameOf(raw.$ref)}]` : '';
  return { in: parameter.in, text: `\`${parameter.name}\`${origin}: ${parts.join(', ')}` };
}

function operationLines(path, method, operation) {
  const parameters = (operation.parameters ?? []).map(parameterText);
  const body = operation.requestBody;
  const mediaTypes = Object.entries(body?.content ?? {});
  const requests = mediaTypes.map(
    ([media, { schema }]) => `${typeOf(schema)} (${media}${body.required ? ', required' : ''})`,
  );
  const answers = Object.entries(operation.responses).map(([status, response]) => {
    if (response.$ref) return `${status} ${nameOf(response.$ref)}`;
    const schemas = Object.values(response.content ?? {}).map(({ schema }) => typeOf(schema));
    return `${status} ${schemas.join(' / ') || 'no body'}`;
  });
  const lines = [`#### \`${method.toUpperCase()} ${path}\``, `- operationId \`${operation.operationId}\``];
  for (const place of ['path', 'query', 'header']) {
    const texts = parameters.filter((parameter) => parameter.in === place).map((parameter) => parameter.text);
    if (texts.length > 0) lines.push(`- ${place}: ${texts.join('; ')}`);
  }
  if (requests.length > 0) lines.push(`- body: ${requests.join('; ')}`);
  lines.push(`- answers: ${answers.join('; ')}`);
  return [...lines, ''];
}

function componentLines(name) {
  const schema = document.components.schemas[name];
  if (schema.oneOf) {
    const { propertyName, mapping } = schema.discriminator;
    const rows = Object.entries(mapping).map(([key, ref]) => `- \`${key}\` → ${nameOf(ref)}`);
    return [
      `#### ${name}`,
      `one of, by \`${propertyName}\` (only the branches of our stages are spelt out here)`,
      '',
      ...rows,
      '',
    ];
  }
  if (!schema.properties) return [`#### ${name}`, `${fieldText(schema, false)}`, ''];
  const required = new Set(schema.required ?? []);
  const rows = Object.entries(schema.properties).map(
    ([key, field]) => `- \`${key}\`: ${fieldText(field, required.has(key))}`,
  );
  const extra = schema.additionalProperties ? [`- any other key: ${typeOf(schema.additionalProperties)}`] : [];
  return [`#### ${name}`, ...rows, ...extra, ''];
}

const operations = Object.entries(document.paths)
  .filter(([path]) => prefixes.some((prefix) => path.startsWith(prefix)))
  .flatMap(([path, item]) => Object.entries(item).map(([method, operation]) => ({ path, method, operation })));

const queue = refsIn(operations.map(({ operation }) => operation)).filter((ref) => ref.includes('/schemas/'));
const components = new Set();
while (queue.length > 0) {
  const ref = queue.pop();
  if (components.has(nameOf(ref))) continue;
  components.add(nameOf(ref));
  queue.push(...refsIn(schemaOf(ref)));
}

const text = [
  '# What we serve, from the published schema',
  '',
  `Generated by \`node scripts/contract-served.mjs\` from schema.yml of @goauthentik/api ${version}; do not edit.`,
  `${operations.length} operations, ${components.size} components. Field order is the schema's. Every operation also answers`,
  '400 ValidationErrorResponse and 403 GenericErrorResponse where its line says so.',
  '',
  '- Index of operations: search for the operationId. Components follow the operations, by name.',
  '- `required` in a response component: the key is always sent (also as null, where nullable). Keys marked `readOnly` are',
  '  missing from the `…Request` component.',
  '- `[Name]` after a parameter: it is a shared parameter component of that name. `A & B`, or a single name with more facts',
  '  behind it, is an `allOf` wrapper around a `$ref`.',
  '',
  '## Index',
  '| operationId | method | path | request | response |',
  '|---|---|---|---|---|',
  ...operations.map(({ path, method, operation }) => {
    const request = Object.values(operation.requestBody?.content ?? {}).map(({ schema }) => typeOf(schema))[0] ?? '-';
    const [status, response] = Object.entries(operation.responses)[0];
    const answer = Object.values(response.content ?? {}).map(({ schema }) => typeOf(schema))[0] ?? '-';
    return `| ${operation.operationId} | ${method.toUpperCase()} | ${path} | ${request} | ${status} ${answer} |`;
  }),
  '',
  '## Operations',
  ...operations.flatMap(({ path, method, operation }) => operationLines(path, method, operation)),
  '## Components',
  ...[...components].sort().flatMap(componentLines),
];
writeFileSync(target, await format(text.join('\n'), { parser: 'markdown' }));
console.log(`${operations.length} operations, ${components.size} components`);
