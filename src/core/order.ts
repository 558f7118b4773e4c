/** The order of the core: a module may import only modules that stand before it (architecture, rule 2). */
export const order = [
  'settings',
  'audit',
  'limits',
  'users',
  'roles',
  'groups',
  'sessions',
  'tokens',
  'policies',
  'outbox',
  'flows',
  'brands',
  'reports',
  'blueprints',
  'setup',
  'operation',
] as const;
