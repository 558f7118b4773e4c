const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Checks an uploaded file, sent as a `data:` URI (RFC 2397) in base64 (RFC 4648 §4).
 * Out: undefined when it is good, else the contract's text (part 2, 11.1).
 */
export function faultOfFileUri(uri: string): 'Invalid scheme' | 'Invalid encoding' | undefined {
  const [scheme = '', ...rest] = uri.split(':');
  if (scheme.toLowerCase() !== 'data' || rest.length === 0) return 'Invalid scheme';
  const [head = '', ...data] = rest.join(':').split(',');
  if (data.length !== 1 || head.split(';').at(-1)?.toLowerCase() !== 'base64') return 'Invalid encoding';
  return BASE64.test(data[0] ?? '') ? undefined : 'Invalid encoding';
}
