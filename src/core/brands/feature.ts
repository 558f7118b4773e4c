import { eventBrand } from '../../kernel/events/event-brand.ts';
import { defineFeature } from '../../kernel/feature.ts';
import { endpoint } from '../../kernel/http/endpoint.ts';
import { rawRoute } from '../../kernel/http/raw-route.ts';
import { resource } from '../../kernel/resource/resource.ts';
import { brandSource } from '../flows/index.ts';
import { mailBrandSource } from '../outbox/index.ts';
import { current } from './endpoints/current.ts';
import { brandOfEvent } from './event-brand.ts';
import { lookOf, mailLookOf } from './look.ts';
import { Brand } from './resources/brand.ts';
import { defaultPictures, styleSheet } from './routes/files.ts';

export default defineFeature({
  name: 'brands',
  provides: [
    resource(Brand),
    endpoint(current),
    eventBrand(brandOfEvent),
    brandSource(lookOf),
    mailBrandSource(mailLookOf),
    rawRoute(defaultPictures),
    rawRoute(styleSheet),
  ],
});
