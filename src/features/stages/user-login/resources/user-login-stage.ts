import { stageBase } from '../../../../core/flows/index.ts';
import { f } from '../../../../kernel/resource/fields.ts';
import { defineResource } from '../../../../kernel/resource/resource.ts';

const NETWORK_BINDINGS = ['no_binding', 'bind_asn', 'bind_asn_network', 'bind_asn_network_ip'] as const;
const GEOIP_BINDINGS = [
  'no_binding',
  'bind_continent',
  'bind_continent_country',
  'bind_continent_country_city',
] as const;

/** The settings of a user login stage. */
export const UserLoginStage = defineResource({
  name: 'UserLoginStage',
  model: 'authentik_stages_user_login.userloginstage',
  path: '/stages/user_login/',
  table: 'user_login_stage',
  key: 'stage_uuid',
  base: stageBase({
    type: 'user_login',
    component: 'ak-stage-user-login-form',
    model: 'authentik_stages_user_login.userloginstage',
    verboseName: 'User Login Stage',
    description: 'Attaches the pending user to the session.',
  }),
  fields: {
    session_duration: f.timedelta({ required: false, default: 'seconds=0' }),
    terminate_other_sessions: f.boolean({ required: false }),
    remember_me_offset: f.timedelta({ required: false, default: 'seconds=0' }),
    network_binding: f.choice('NetworkBindingEnum', NETWORK_BINDINGS, { required: false }),
    geoip_binding: f.choice('GeoipBindingEnum', GEOIP_BINDINGS, { required: false }),
    remember_device: f.timedelta({ required: false, default: 'days=30' }),
  },
  filters: [
    'name',
    'stage_uuid',
    'session_duration',
    'terminate_other_sessions',
    'remember_me_offset',
    'network_binding',
    'geoip_binding',
    'remember_device',
  ],
  search: ['name'],
  ordering: ['name'],
});
