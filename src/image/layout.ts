/** How weights lie, by name. */
import type { Layout } from '../schema/image.js';

export type LayoutName = keyof typeof Layout.values;
