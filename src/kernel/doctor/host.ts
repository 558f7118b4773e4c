import { stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { MIN_SECRET_KEY_LENGTH } from '../crypto/vault.ts';
import { isLoopback } from '../metrics/route.ts';
import type { Finding } from './point.ts';

const LEAST_FREE_BYTES = 1e9;
const OTHERS_MAY_WRITE = 0o022;
const OTHERS_MAY = 0o077;

/** The data directory: who may write there, how much room there is, who may read the secret key. */
export async function examineDirectory({ dataDir, secretKey, databaseUrl }: Config): Promise<Finding[]> {
  const directory = await stat(dataDir).catch(() => undefined);
  if (!directory) {
    if (databaseUrl && secretKey) return [];
    return [
      `The data directory ${dataDir} does not exist: nothing was started there yet, or VESTIBULE_DATA_DIR is wrong.`,
    ];
  }
  const findings: Finding[] = [];
  if ((directory.mode & OTHERS_MAY_WRITE) !== 0) {
    findings.push(`Others may write into ${dataDir}: run "chmod go-w ${dataDir}".`);
  }
  const { bavail, bsize } = await statfs(dataDir);
  if (bavail * bsize < LEAST_FREE_BYTES) {
    findings.push(
      `Only ${Math.floor((bavail * bsize) / 1e6)} MB are free at ${dataDir}: the database will stop writing.`,
    );
  }
  return secretKey ? findings : [...findings, ...(await examineKey(join(dataDir, 'secret.key')))];
}

async function examineKey(file: string): Promise<Finding[]> {
  const found = await stat(file).catch(() => undefined);
  if (!found) {
    return [`${file} is missing: restore it from where you keep it. A new one fits a new database only.`];
  }
  if ((found.mode & OTHERS_MAY) !== 0) return [`Others may read the secret key: run "chmod 600 ${file}".`];
  return found.size < MIN_SECRET_KEY_LENGTH
    ? [`${file} is too short to be a key: restore it from where you keep it.`]
    : [];
}

/** What the settings say together. */
export function examineConfig({ listen, publicUrl, trustedProxies, metricsListen }: Config): Finding[] {
  const findings: Finding[] = [];
  if (!isLoopback(listen.host) && !publicUrl) {
    findings.push('The server listens beyond this machine without VESTIBULE_PUBLIC_URL: links cannot be made.');
  }
  if (publicUrl?.startsWith('https:') && trustedProxies.length === 0) {
    findings.push(
      'VESTIBULE_PUBLIC_URL is https, so a proxy ends TLS; without VESTIBULE_TRUSTED_PROXIES its address counts as everybody’s.',
    );
  }
  if (publicUrl?.startsWith('http:') && !isLoopback(new URL(publicUrl).hostname)) {
    findings.push('VESTIBULE_PUBLIC_URL is not https: passwords and sessions cross the network in the clear.');
  }
  if (metricsListen && ['0.0.0.0', '::'].includes(metricsListen.host)) {
    findings.push('VESTIBULE_METRICS_LISTEN shows the metrics on every address of this machine, without a password.');
  }
  return findings;
}
