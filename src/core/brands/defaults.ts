/** Where the pictures of a brand are that has none of its own; routes/icons.ts serves them. */
export const DEFAULT_LOGO = '/static/dist/assets/icons/icon_left_brand.svg';
export const DEFAULT_FAVICON = '/static/dist/assets/icons/icon.png';
export const DEFAULT_BACKGROUND = '/static/dist/assets/images/flow_background.jpg';
export const DEFAULT_TITLE = 'Vestibule';

/** The flows that a brand may have of its own: fields of the resource, and columns. */
export const FLOWS = [
  'flow_authentication',
  'flow_user_switch',
  'flow_invalidation',
  'flow_recovery',
  'flow_unenrollment',
  'flow_user_settings',
  'flow_device_code',
  'flow_lockdown',
  'flow_request',
] as const;
export type BrandFlow = (typeof FLOWS)[number];
