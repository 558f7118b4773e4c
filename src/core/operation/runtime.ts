import { getFips } from 'node:crypto';
import { existsSync } from 'node:fs';
import { arch, platform, release, version } from 'node:os';
import type { Field, Kind } from '../../kernel/resource/field.ts';
import { f } from '../../kernel/resource/fields.ts';
import type { JsonObject } from '../../kernel/schema/types.ts';
import { isJsonObject } from '../../kernel/schema/types.ts';
import { VERSION } from '../../kernel/version.ts';

const text = { type: 'string' } as const;

const properties = {
  python_version: text,
  environment: text,
  architecture: text,
  platform: text,
  uname: text,
  openssl_version: text,
  openssl_fips_enabled: { type: 'boolean', nullable: true },
  authentik_version: text,
} as const;

/** The schema has this object in place, without a name. */
const runtimeKind: Kind<JsonObject> = {
  ...f.object().kind,
  name: 'runtime',
  check: (value) => (isJsonObject(value) ? { value } : { faults: [] }),
  encode: (value) => JSON.stringify(value),
  document: () => ({ type: 'object', properties, required: Object.keys(properties) }),
};

/** The field `runtime` of SystemInfo. */
export function runtimeField(description: string): Field<JsonObject, false, 'read'> {
  return { ...f.object({ readOnly: true, description }), kind: runtimeKind };
}

/** The engine's version stands where the schema has Python's; `authentik_version` is this program's own. */
export function describeRuntime() {
  const container = existsSync('/.dockerenv') || existsSync('/run/.containerenv');
  return {
    python_version: `Node.js ${process.versions.node}`,
    environment: container ? 'container' : 'host',
    architecture: arch(),
    platform: platform(),
    uname: `${release()} ${version()}`,
    openssl_version: `OpenSSL ${process.versions.openssl}`,
    openssl_fips_enabled: getFips() === 1,
    authentik_version: VERSION,
  };
}
