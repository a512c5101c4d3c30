/** docs/format.md, "What a reader checks", 5, "conv and pool, shapes". */
import { LIMITS, NONE, OverTime } from '../schema/image.js';
import { windowsOf, type OpOf } from './ops.js';
import { composeTime, positionsOf, sameTime, stepsOf, type TimeForm } from './time.js';
import { ONE_STEP, type Operands } from './validate-operands.js';
import type { TensorInfo } from './validate-tensors.js';

export function validateConv(operands: Operands, op: OpOf<'conv'>): void {
  const rule = operands.eitherRank(op.input);
  const largest = op.over_time === OverTime.largest;
  const input = operands.operand('input', op.input, rule);
  const output = operands.operand('output', op.output, largest ? ONE_STEP : rule);
  const window = operands.maybe('window', op.window, ONE_STEP);
  if (inOnePiece(op, featuresOf(input)) !== (op.window === NONE))
    operands.refuse('bad_operand', window ? 'has a window it does not need' : 'has no window');
  operands.matrix('weights', op.weights);
  const [filters, columns] = operands.tensor(op.weights.weight)!.dims as [number, number];
  if (op.channels % op.groups !== 0 || filters % op.groups !== 0)
    operands.refuse('bad_shape', `splits ${op.channels} channels and ${filters} filters into ${op.groups} groups`);
  overWidth(operands, op, input, output, filters);
  if (largest && input.time) someSteps(operands, op, input.time);
  else overTime(operands, op, input, output);
  operands.matrixShape('weights', op.weights, filters, (op.kernel[0]! * op.kernel[1]! * op.channels) / op.groups);
  if (window) operands.shape('window', window, [columns]);
  operands.matrixValues(op.weights);
}

export function validatePool(operands: Operands, op: OpOf<'pool'>): void {
  const input = operands.operand('input', op.input, operands.eitherRank(op.input));
  const allSteps = op.kernel[0] === 0;
  const output = operands.operand('output', op.output, allSteps ? ONE_STEP : operands.eitherRank(op.input));
  overWidth(operands, op, input, output, op.channels);
  if (!allSteps) overTime(operands, op, input, output);
  const steps = allSteps ? (input.time ? input.dims[0]! : 1) : op.kernel[0]!;
  if (steps * op.kernel[1]! > LIMITS.max_pool_window)
    operands.refuse(
      'bad_shape',
      `pools ${steps} · ${op.kernel[1]} elements, at most ${LIMITS.max_pool_window} expected`,
    );
}

/** Whether every window is a run of the input, so that nothing needs gathering. */
function inOnePiece(op: OpOf<'conv'>, features: number): boolean {
  const [steps, kernel] = op.kernel as [number, number];
  const [stepDilation, dilation] = op.dilation as [number, number];
  const plain =
    op.groups === 1 && op.upsample.every((v) => v === 1) && [...op.pad_begin, ...op.pad_end].every((v) => v === 0);
  const width = Math.floor(features / op.channels);
  return plain && (kernel === 1 || dilation === 1) && (steps === 1 || (stepDilation === 1 && kernel === width));
}

function featuresOf(tensor: TensorInfo): number {
  return tensor.dims.at(-1)!;
}

type Windowed = OpOf<'conv'> | OpOf<'pool'>;

/** @param filters channels of the output */
function overWidth(operands: Operands, op: Windowed, input: TensorInfo, output: TensorInfo, filters: number): void {
  const features = featuresOf(input);
  if (features % op.channels !== 0)
    operands.refuse('bad_shape', `sees ${features} features as ${op.channels} channels`);
  const width = positionsOf(features / op.channels, windowsOf(op, 1));
  if (width < 1) operands.refuse('bad_shape', 'has no window that fits the width');
  if (featuresOf(output) !== width * filters)
    operands.refuse('bad_shape', `has ${featuresOf(output)} features of output, expected ${width} · ${filters}`);
}

/** Whether the shortest input has a window, and so every one: no output says how many steps there are. */
function someSteps(operands: Operands, op: OpOf<'conv'>, form: TimeForm): void {
  const least = stepsOf(form, operands.header.min_tokens);
  if (positionsOf(least, windowsOf(op, 0)) < 1)
    operands.refuse('bad_shape', `has no window that fits ${least} steps, the fewest there can be`);
}

function overTime(operands: Operands, op: Windowed, input: TensorInfo, output: TensorInfo): void {
  const windows = windowsOf(op, 0);
  const steps = positionsOf(input.time ? input.dims[0]! : 1, windows);
  if (steps !== (output.time ? output.dims[0] : 1)) operands.refuse('bad_shape', `makes ${steps} steps`);
  if (!input.time) return;
  const form = composeTime(input.time, windows) ?? operands.refuse('bad_shape', 'upsamples what had a stride');
  if (!sameTime(form, output.time))
    operands.refuse('bad_shape', `makes ⌊(${form.factor} · n + ${form.offset}) / ${form.divisor}⌋ steps`);
}
