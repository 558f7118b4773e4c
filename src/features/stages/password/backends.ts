/** Every value of the wire (schema.yml, BackendsEnum). */
export const BACKENDS = [
  'authentik.core.auth.InbuiltBackend',
  'authentik.core.auth.TokenBackend',
  'authentik.sources.ldap.auth.LDAPBackend',
  'authentik.sources.kerberos.auth.KerberosBackend',
] as const;

/** The one that compares with the password stored here; no other exists yet, and what does not exist matches nobody. */
export const INBUILT: (typeof BACKENDS)[number] = 'authentik.core.auth.InbuiltBackend';
