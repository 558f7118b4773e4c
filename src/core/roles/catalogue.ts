import { ownPermission } from '../../kernel/authz/permission.ts';
import type { Registry } from '../../kernel/feature.ts';
import { endpoint } from '../../kernel/http/endpoint.ts';
import { ownOperation } from '../../kernel/own-api/index.ts';
import { resource } from '../../kernel/resource/resource.ts';

/** A permission as the catalogue keeps it; `app_label.codename` names it, `model` is what it is about. */
export type Permission = {
  readonly app: string;
  readonly codename: string;
  readonly model: string;
  readonly name: string;
};

const VERBS = ['add', 'change', 'delete', 'view'] as const;

type Labels = ReadonlyMap<string, string>;

function splitName(name: string): [string, string] {
  const at = name.indexOf('.');
  return [name.slice(0, at), name.slice(at + 1)];
}

/** The model that a permission of an endpoint without a resource is about: the longest whose name it contains. */
function modelOf(app: string, codename: string, labels: Labels): string {
  const models = [...labels.keys()].map(splitName).filter(([label]) => label === app);
  const named = models.map(([, model]) => model).filter((model) => codename.split('_').includes(model));
  return named.toSorted((a, b) => b.length - a.length)[0] ?? models[0]?.[1] ?? codename;
}

function standard(labels: Labels): [string, Permission][] {
  return [...labels].flatMap(([full, label]) => {
    const [app, model] = splitName(full);
    return VERBS.map((verb): [string, Permission] => {
      const codename = `${verb}_${model}`;
      return [`${app}.${codename}`, { app, codename, model, name: `Can ${verb} ${label}` }];
    });
  });
}

/** Every permission that the declarations name: four of each model, those that operations ask for, and features' own. */
export function permissionsOf(registry: Registry): Permission[] {
  const labels: Labels = new Map(registry.all(resource).map(({ model, label }) => [model, label]));
  const found = new Map(standard(labels));
  for (const { permission, on } of registry.all(endpoint)) {
    if (permission === null || permission === 'public' || found.has(permission)) continue;
    const [app, codename] = splitName(permission);
    const [ownApp, ownModel] = on ? splitName(on.model) : ['', ''];
    const model = ownApp === app ? ownModel : modelOf(app, codename, labels);
    const words = codename.replaceAll('_', ' ');
    found.set(permission, { app, codename, model, name: `Can ${words}` });
  }
  for (const { access } of registry.all(ownOperation)) {
    for (const permission of access.permissions) {
      if (found.has(permission)) continue;
      const [app, codename] = splitName(permission);
      const model = codename.slice(codename.indexOf('_') + 1);
      found.set(permission, { app, codename, model, name: `Can ${codename.replaceAll('_', ' ')}` });
    }
  }
  for (const { permission, model, name } of registry.all(ownPermission)) {
    const [app, codename] = splitName(permission);
    found.set(permission, { app, codename, model: splitName(model)[1], name });
  }
  return [...found.values()];
}
