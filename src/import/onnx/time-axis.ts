/** Which dimension of the token ids is time and which the batch, as layers find out; and the lengths time takes on. */
import { PER_TOKEN, sameTime, stepsOf, type TimeForm } from '../../image/time.js';
import type { OnnxNode } from './node.js';
import { isFeatures, type Atom, type Axis } from './values.js';

export class TimeAxis {
  private readonly roles = new Map<Atom, 'time' | 'batch'>();
  /** The model was exported for a single step: time is an axis of size 1, which looks like any other. */
  private single = false;
  /** The first layer that is given lengths of texts. */
  lengthsOf: OnnxNode | undefined;
  private readonly lengths: { readonly form: TimeForm; readonly axis: Axis }[] = [];

  /** An axis is what a layer takes it for, and no other layer takes it for something else. */
  claim(node: OnnxNode, axis: Axis | undefined, role: 'time' | 'batch'): void {
    if (axis?.length === 0) {
      this.single ||= role === 'time';
      return;
    }
    const [atom] = axis ?? [];
    if (axis?.length !== 1 || atom!.of === 'features')
      throw node.unsupported(
        `its ${role} axis is ${isFeatures(axis) ? 'that of the features' : 'made of several dimensions'}`,
        'inputs are [time, batch, features] for recurrent layers, [batch, features, time] for convolutions',
      );
    const known = this.roleOf(atom!) ?? role;
    const taken = atom!.of === 'tokens' && [...this.roles].some(([other, its]) => other !== atom && its === role);
    if (known !== role || taken)
      throw node.unsupported(
        `what it takes for ${role} is ${known === role ? 'a second one' : known} to a layer before it`,
        'check batch_first and the transpositions of the model',
      );
    if (atom!.of === 'tokens') this.roles.set(atom!, role);
  }

  /** A recurrent layer stops at lengths that the model is given: they must never be less than all steps. */
  useLengths(node: OnnxNode): void {
    this.lengthsOf ??= node;
  }

  roleOf(atom: Atom): 'time' | 'batch' | undefined {
    return atom.of === 'time' ? 'time' : this.roles.get(atom);
  }

  /** Tokens the model was exported for; undefined if dynamic, or if no layer looks at time. */
  get fixedTokens(): number | undefined {
    return [...this.roles].find(([, role]) => role === 'time')?.[0].size;
  }

  /** The axis of time in that form: one and the same object for equal forms. */
  axisOf(form: TimeForm): Axis {
    const known = this.lengths.find((length) => sameTime(length.form, form));
    if (known) return known.axis;
    const input = sameTime(form, PER_TOKEN) && [...this.roles].find(([, role]) => role === 'time');
    const tokens = this.fixedTokens ?? (this.single ? 1 : undefined);
    const size = tokens === undefined ? undefined : stepsOf(form, tokens);
    const axis: Axis = input ? [input[0]] : size === 1 ? [] : [{ of: 'time', size }];
    this.lengths.push({ form, axis });
    return axis;
  }
}
