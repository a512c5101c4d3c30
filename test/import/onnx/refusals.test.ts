/** What cannot be imported is refused in one line that names the file, the node and its operator. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { ElementType, type OnnxAttribute } from '../../../src/bench/peers/onnx.js';
import { LinnetError, type ErrorCode } from '../../../src/errors.js';
import { importModel } from '../../../src/import/model.js';
import { GOLDEN, ModelFolder } from './compare.js';
import { ModelWriter } from './random-models.js';

let folder: ModelFolder;
beforeEach(() => (folder = new ModelFolder()));
afterEach(() => folder.remove());

const VOCAB = 9;
const SIZE = 4;

async function refusal(path: string): Promise<LinnetError> {
  const error = await importModel(path).then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(LinnetError);
  expect((error as Error).message).not.toMatch(/[\r\n]/);
  return error as LinnetError;
}

type Attributes = Readonly<Record<string, OnnxAttribute>>;
type Write = (w: ModelWriter, embedded: string) => string;

/** ids [time, 1] → embedding [time, 1, 4] → what `write` makes of it */
function model(write: Write, dims: readonly (number | string)[] = ['time', 1]): Uint8Array {
  const w = new ModelWriter(5);
  const output = write(w, w.node('Gather', [w.floats([VOCAB, SIZE]), 'ids']));
  return w.finish([{ name: 'ids', type: ElementType.int64, dims }], output, 3);
}

interface LstmChanges {
  readonly op?: string;
  readonly gates?: number;
  readonly attributes?: Attributes;
  /** Inputs from sequence_lens on. */
  readonly inputs?: (w: ModelWriter) => string[];
}

function lstm({ op = 'LSTM', gates = 4, attributes = {}, inputs = () => [] }: LstmChanges): Write {
  return (w, x) => {
    const weights = [w.floats([1, gates * SIZE, SIZE]), w.floats([1, gates * SIZE, SIZE]), ''];
    const y = w.node(op, [x, ...weights, ...inputs(w)], { hidden_size: SIZE, ...attributes });
    return decoder(w, w.node('Squeeze', [y, w.integers([1])]));
  };
}

function decoder(w: ModelWriter, x: string, rows = VOCAB): string {
  return w.node('MatMul', [x, w.floats([SIZE, rows])]);
}

/** [time, 1, 4] → [1, 4, time] → Conv → max over time → output layer */
function conv(attributes: Attributes, weight = [3, SIZE, 2]): Write {
  return (w, x) => {
    const turned = w.node('Transpose', [x], { perm: [1, 2, 0] });
    const y = w.node('Conv', [turned, w.floats(weight)], { kernel_shape: weight.slice(2), ...attributes });
    const pooled = w.node('ReduceMax', [y], { axes: [2], keepdims: 0 });
    return w.node('Gemm', [pooled, w.floats([weight[0]!, 2])]);
  };
}

const ones = (w: ModelWriter, dims: number[]) => w.floats(dims, () => 1);

/** What `write` makes of [1, 4, time], then a max over time and an output layer of two labels. */
function classifier(channels: number, write: Write): Write {
  return (w, x) => {
    const y = write(w, w.node('Transpose', [x], { perm: [1, 2, 0] }));
    return w.node('Gemm', [w.node('ReduceMax', [y], { axes: [2], keepdims: 0 }), w.floats([channels, 2])]);
  };
}

const pool = (op: string, attributes: Attributes): Write => classifier(SIZE, (w, x) => w.node(op, [x], attributes));
const pad = (attributes: Attributes, more: (w: ModelWriter) => string[] = () => []): Write => classifier(SIZE, (w, x) => w.node('Pad', [x, w.integers([0, 0, 1, 0, 0, 1]), ...more(w)], attributes)); // prettier-ignore
const deconv = (attributes: Attributes, weight = [SIZE, 3, 2], stride = 1): Write => classifier(3, (w, x) => {
  const y = w.node('Conv', [x, w.floats([SIZE, SIZE, 1])], { strides: [stride] });
  return w.node('ConvTranspose', [y, w.floats(weight)], attributes);
}); // prettier-ignore

const REFUSED: readonly (readonly [string, ErrorCode, RegExp, Write])[] = [
  ['an operator it does not know', 'unsupported_model', /^operator Selu is not supported \(.*model.onnx, node "v1" \(Selu\)\): replace/, (w, x) => decoder(w, w.node('Selu', [x]))],
  ['a sum of different shapes', 'unsupported_model', /different shapes .*\(Add\)\): .*one shape/, (w, x) => decoder(w, w.node('Add', [x, w.node('Slice', [x, w.integers([0]), w.integers([1]), w.integers([2])])]))],
  ['division by an activation', 'unsupported_model', /^it divides by an activation .*\(Div\)/, (w, x) => decoder(w, w.node('Div', [ones(w, [1]), x]))],
  ['a constant that differs from step to step', 'unsupported_model', /constant \[3, 1, 4\] that is not one number a feature .*\(Add\)/, (w, x) => decoder(w, w.node('Add', [x, ones(w, [3, 1, SIZE])]))],
  ['an LSTM with three gates', 'bad_checkpoint', /^R is \[1, 12, 4\], expected \[1, 16, 4\]: 4 gates of 4 units/, lstm({ gates: 3 })],
  ['a GRU with four gates', 'bad_checkpoint', /^R is \[1, 16, 4\], expected \[1, 12, 4\]: 3 gates of 4 units .*\(GRU\)/, lstm({ op: 'GRU' })],
  ['an RNN with four gates', 'bad_checkpoint', /^R is \[1, 16, 4\], expected \[1, 4, 4\]: 1 gates of 4 units .*\(RNN\)/, lstm({ op: 'RNN' })],
  ['both directions in weights of one', 'bad_checkpoint', /^R is \[1, 16, 4\], expected \[2, 16, 4\]/, lstm({ attributes: { direction: 'bidirectional' } })],
  ['a direction that is none', 'bad_checkpoint', /^direction is up/, lstm({ attributes: { direction: 'up' } })],
  ['a clipped LSTM', 'unsupported_model', /clips its gates .*\(LSTM\)\): .*without clip/, lstm({ attributes: { clip: { float: 3 } } })],
  ['a reverse language model', 'unsupported_model', /^a language model with a reverse layer .*\(lstm\)\): it cannot generate/, lstm({ attributes: { direction: 'reverse' } })],
  ['a batch-first LSTM operator', 'unsupported_model', /layout is 1/, lstm({ attributes: { layout: 1 } })],
  ['coupled gates', 'unsupported_model', /coupled/, lstm({ attributes: { input_forget: 1 } })],
  ['sequence lengths', 'unsupported_model', /sequence lengths .*without packed/, lstm({ inputs: (w) => [w.integers([7])] })],
  ['a trained initial state', 'unsupported_model', /initial state is a constant other than 0 .*: start from zeros/, lstm({ inputs: (w) => ['', ones(w, [1, 1, SIZE])] })],
  ['peepholes', 'unsupported_model', /peephole/, lstm({ inputs: (w) => ['', '', '', ones(w, [1, 3 * SIZE])] })],
  ['the last cell of an LSTM', 'unsupported_model', /^it reads the last cell of "v1" .*\(Squeeze|Gemm|MatMul\)\): use the last hidden state/, (w, x) => decoder(w, w.several('LSTM', [x, w.floats([1, 16, SIZE]), w.floats([1, 16, SIZE])], 3, { hidden_size: SIZE })[2]!)],
  ['a state that another layer ended in', 'unsupported_model', /initial state is the last state of "v1"/, (w, x) => { const weights = [w.floats([1, 16, SIZE]), w.floats([1, 16, SIZE])]; const [, last] = w.several('LSTM', [x, ...weights], 2, { hidden_size: SIZE }); return decoder(w, w.node('LSTM', [x, ...weights, '', '', last!], { hidden_size: SIZE })); }],
  ['padding that is too wide', 'unsupported_model', /^its padding is too wide .*\(Conv\)\): this version pads by 4096/, conv({ pads: [5000, 0] })],
  ['padding below 0', 'unsupported_model', /^pads are -1, 0 .*\(Conv\)/, conv({ pads: [-1, 0] })],
  ['padding that depends on the length', 'unsupported_model', /^auto_pad SAME_UPPER with stride 2 depends on the length .*\(Conv\)\): give the padding as numbers/, conv({ auto_pad: 'SAME_UPPER', strides: [2] })],
  ['padding of no known kind', 'bad_checkpoint', /^auto_pad is SOMEHOW/, conv({ auto_pad: 'SOMEHOW' })],
  ['a stride of 0', 'bad_checkpoint', /^strides \[0\]/, conv({ strides: [0] })],
  ['a stride that is too long', 'unsupported_model', /^stride 65 along time .*: this version supports a stride of 64/, conv({ strides: [65] })],
  ['a dilation that is too long', 'unsupported_model', /^dilation 65 along time/, conv({ dilations: [65] })],
  ['groups that do not divide the channels', 'bad_checkpoint', /^4 channels and 3 filters in 2 groups/, conv({ group: 2 }, [3, 2, 2])],
  ['a kernel of other channels', 'bad_checkpoint', /^weights \[3, 3, 2\] and group 1 for 4 channels/, conv({}, [3, 3, 2])],
  ['a convolution that is too wide', 'unsupported_model', /^kernel 65 along time .*supports a kernel of 64/, conv({}, [2, SIZE, 65])],
  ['a convolution in three dimensions', 'unsupported_model', /has 3 dimensions beside batch and channels/, (w, x) => w.node('Conv', [w.node('Unsqueeze', [w.node('Transpose', [x], { perm: [1, 2, 0] }), w.integers([3, 4])]), w.floats([3, SIZE, 1, 1, 1])])],
  ['a transposed convolution after a stride', 'unsupported_model', /^it is a transposed convolution over time after a stride .*\(ConvTranspose\)/, deconv({ strides: [2] }, [SIZE, 3, 2], 2)],
  ['a transposed convolution cut beyond its kernel', 'unsupported_model', /^it pads by 3, beyond its kernel/, deconv({ pads: [3, 0] })],
  ['a transposed convolution to a size that is not known', 'unsupported_model', /^output_shape where the input has any length/, deconv({ output_shape: [9] })],
  ['an Lp pool of order 4', 'unsupported_model', /^its order is 4 .*\(LpPool\)\): this version supports orders of 1 to 3/, pool('LpPool', { kernel_shape: [2], p: 4 })],
  ['a dilated pool', 'unsupported_model', /^dilations are 2 .*\(MaxPool\)/, pool('MaxPool', { kernel_shape: [2], dilations: [2] })],
  ['a pool without a kernel', 'bad_checkpoint', /kernel_shape/, pool('MaxPool', {})],
  ['a pool padded as wide as its window', 'unsupported_model', /^its padding is as wide as its window/, pool('AveragePool', { kernel_shape: [2], pads: [2, 0] })],
  ['ceil_mode that depends on the length', 'unsupported_model', /^ceil_mode with stride 3 and a window of 2 depends on the length/, pool('MaxPool', { kernel_shape: [2], strides: [3], ceil_mode: 1 })],
  ['ceil_mode and counted padding', 'unsupported_model', /^ceil_mode with count_include_pad/, pool('AveragePool', { kernel_shape: [3], strides: [2], ceil_mode: 1, count_include_pad: 1 })],
  ['a pool window where time is dynamic, beyond what a window can be', 'unsupported_model', /^kernel 65 along time .*\(MaxPool\)/, pool('MaxPool', { kernel_shape: [65] })],
  ['a reduction of everything', 'unsupported_model', /^it reduces all axes/, (w, x) => decoder(w, w.node('ReduceMax', [x], { keepdims: 1 }))],
  ['reflections as padding', 'unsupported_model', /^it pads by reflect .*\(Pad\)\): pad with zeros/, pad({ mode: 'reflect' })],
  ['padding with ones', 'unsupported_model', /^it pads with 1 /, pad({}, (w) => [ones(w, [])])],
  ['time and features in one axis, though time is dynamic', 'unsupported_model', /joins or splits time and features .*\(Reshape\)/, (w, x) => decoder(w, w.node('Reshape', [x, w.integers([1, -1])]))],
  ['a fixed size where time is dynamic', 'unsupported_model', /axis of 6 is made where sizes are dynamic/, (w, x) => decoder(w, w.node('Reshape', [x, w.integers([6, 4])]))],
  ['a step in the middle', 'unsupported_model', /takes a part of the output of "v0" .*\(Slice\)\): of steps, only the first, the last or all/, (w, x) => decoder(w, w.node('Slice', [x, w.integers([-2]), w.integers([99])]))],
  ['steps one after another', 'unsupported_model', /^it joins along another axis than features .*\(Concat\)/, (w, x) => decoder(w, w.node('Concat', [x, x], { axis: 0 }))],
  ['a language model that looks back', 'unsupported_model', /^a language model that looks at several steps at once .*\(conv\)\): use recurrent layers/, (w, x) => { const y = w.node('Conv', [w.node('Transpose', [x], { perm: [1, 2, 0] }), w.floats([SIZE, SIZE, 2])], { pads: [1, 0] }); return decoder(w, w.node('Transpose', [y], { perm: [2, 0, 1] })); }],
  ['weights that do not fit', 'bad_checkpoint', /^weights \[5, 9\] for 4 features .*\(MatMul\)|^weights \[9, 5\] for 4 features/, (w, x) => w.node('MatMul', [x, w.floats([5, 9])])],
  ['NaN weights', 'bad_checkpoint', /^weight "w1" holds NaN/, (w, x) => w.node('MatMul', [x, w.floats([SIZE, VOCAB], () => NaN)])],
  ['batch norm in training', 'unsupported_model', /training mode .*model.eval/, (w, x) => w.node('BatchNormalization', [w.node('Transpose', [x], { perm: [1, 2, 0] }), ...[1, 2, 3, 4].map(() => ones(w, [SIZE]))], { training_mode: 1 })],
  ['softmax over time', 'unsupported_model', /normalizes over axis 0, not the features/, (w, x) => w.node('Softmax', [decoder(w, x)], { axis: 0 })],
  ['layers after the softmax', 'unsupported_model', /follows a softmax/, (w, x) => w.node('Relu', [w.node('Softmax', [decoder(w, x)])])],
  ['no output layer', 'unsupported_model', /^the model ends in embedding/, (w, x) => w.node('Identity', [x])],
  ['logits of another vocabulary', 'unsupported_model', /^7 logits a step for a vocabulary of 9/, (w, x) => decoder(w, x, 7)],
  ['more layers than an image holds', 'unsupported_model', /^more than 256 layers/, (w, x) => decoder(w, Array.from({ length: 260 }).reduce<string>((y) => w.node('Mul', [y, y]), x))],
  ['a value from nowhere', 'bad_checkpoint', /^value "nowhere" is read before it is made/, (w) => decoder(w, w.node('Identity', ['nowhere']))],
  ['an axis that is not there', 'bad_checkpoint', /^axis 7 of a value of rank 3/, (w, x) => decoder(w, w.node('Squeeze', [x, w.integers([7])]))],
]; // prettier-ignore

test.each(REFUSED)('%s', async (_, code, message, write) => {
  const error = await refusal(folder.write(model(write), VOCAB));
  expect(error.code).toBe(code);
  expect(error.message).toMatch(message);
  expect(error.where).toContain(join(folder.dir, 'model.onnx'));
});

test('a bidirectional language model as PyTorch exports it', async () => {
  const error = await refusal(folder.write(readFileSync(join(GOLDEN, 'onnx/refused-bidirectional.onnx')), 11));
  expect(error.message).toMatch(
    /^a language model with a reverse layer \(.*node "\/rnn\/LSTM.reverse" \(lstm\)\): it cannot generate/,
  );
});

test('an RNN with ReLU as PyTorch exports it', async () => {
  const error = await refusal(folder.write(readFileSync(join(GOLDEN, 'onnx/refused-relu-rnn.onnx')), 11));
  expect(error.message).toMatch(/^activations are Relu \(.*\(RNN\)\): this version has Tanh/);
});

test('time and batch that two layers see the other way round', async () => {
  const layer = (w: ModelWriter, x: string) => {
    const y = w.node('LSTM', [x, w.floats([1, 16, 4]), w.floats([1, 16, 4])], { hidden_size: 4 });
    return w.node('Squeeze', [y, w.integers([1])]);
  };
  const turn = (w: ModelWriter, x: string) => w.node('Transpose', [x], { perm: [1, 0, 2] });
  const bytes = model((w, x) => decoder(w, layer(w, turn(w, layer(w, x)))), ['time', 'batch']);
  expect((await refusal(folder.write(bytes, VOCAB))).message).toMatch(/takes for time is batch .*batch_first/);
});

test('a mean over the batch', async () => {
  const bytes = model(
    (w, x) => {
      const y = w.node('LSTM', [x, w.floats([1, 16, SIZE]), w.floats([1, 16, SIZE])], { hidden_size: SIZE });
      return decoder(w, w.node('ReduceMean', [y], { axes: [2], keepdims: 0 }));
    },
    ['time', 'batch'],
  );
  const error = await refusal(folder.write(bytes, VOCAB));
  expect(error.message).toMatch(/^it reduces the batch .*\(ReduceMean\)/);
});

test('lengths of texts in a model that pads short ones', async () => {
  const w = new ModelWriter(5);
  const x = w.node('Gather', [w.floats([VOCAB, SIZE]), 'ids']);
  const y = w.node('LSTM', [x, w.floats([1, 16, SIZE]), w.floats([1, 16, SIZE]), '', 'lengths'], { hidden_size: SIZE });
  const output = conv({})(w, w.node('Squeeze', [y, w.integers([1])]));
  const inputs = ['ids', 'lengths'].map((name) => ({
    name,
    type: ElementType.int64,
    dims: name === 'ids' ? ['time', 1] : [1],
  }));
  const error = await refusal(folder.write(w.finish(inputs, output, 2), VOCAB));
  expect(error.message).toMatch(/^it is given sequence lengths in a model that pads short texts .*\(LSTM\)/);
});

test('float inputs in place of token ids', async () => {
  const w = new ModelWriter(1);
  const bytes = w.finish([{ name: 'x', type: ElementType.float, dims: ['time', SIZE] }], decoder(w, 'x'), 2);
  expect((await refusal(folder.write(bytes, VOCAB))).message).toMatch(
    /input 0 is the float input "x" of the model .*\(MatMul\)\): a model must begin with an embedding/,
  );
});

test('ids of rank 3', async () => {
  const error = await refusal(
    folder.write(
      model((w, x) => decoder(w, x), ['a', 'b', 'c']),
      VOCAB,
    ),
  );
  expect(error.message).toMatch(/^input "ids" of rank 3/);
});

test('a classifier of one length beyond what can be padded', async () => {
  const error = await refusal(folder.write(model(conv({}), [65, 1]), VOCAB));
  expect(error.message).toMatch(/exactly 65 tokens .*: export it with dynamic_axes/);
});

test('a tokenizer of another size than the embedding', async () => {
  const error = await refusal(folder.write(model(lstm({})), VOCAB + 1));
  expect(error.message).toMatch(/^tokenizer has 10 tokens, the embedding 9 rows \(.*tokenizer.json\)/);
});

test('no tokenizer, or one given to a folder', async () => {
  const error = await refusal(folder.copy('onnx/lstm-tied.onnx'));
  expect(error).toMatchObject({ code: 'file_not_found', where: join(folder.dir, 'tokenizer.json') });
  expect(error.remedy).toMatch('--tokenizer');
  await expect(importModel(folder.dir, { tokenizer: 'x' })).rejects.toMatchObject({ code: 'usage' });
});

test.each([
  [{ labels: ['a', 'b', 'c'] }, /^3 labels for 2 outputs/],
  [{ max_length: 1 }, /"max_length" is 1.*at least 2/],
  [{ pad_token_id: 9 }, /"pad_token_id" is 9.*below vocab_size 9/],
])('the configuration %j', async (config, message) => {
  expect((await refusal(folder.write(model(conv({})), VOCAB, config))).message).toMatch(message);
});

test('no file', async () => {
  expect(await refusal(join(folder.dir, 'none.onnx'))).toMatchObject({ code: 'file_not_found' });
});

test.each([
  ['nothing', Buffer.alloc(0)],
  ['text', Buffer.from('version https://git-lfs.github.com/spec/v1\n')],
  ['zeros', Buffer.alloc(100)],
])('%s', async (_, bytes) => {
  const error = await refusal(folder.write(bytes, VOCAB));
  expect(error).toMatchObject({ code: 'bad_checkpoint', where: join(folder.dir, 'model.onnx') });
});

test('external data that is cut short, or outside the folder', async () => {
  folder.copy('lstm-untied/tokenizer.json');
  const path = folder.copy('onnx/lstm-external.onnx');
  const data = folder.copy('onnx/lstm-external.bin');
  writeFileSync(data, readFileSync(data).subarray(0, 5000));
  expect((await refusal(path)).message).toMatch(/^data ends at byte \d+ of "lstm-external.bin", which has 5000/);
  const outside = Buffer.from(readFileSync(path).toString('latin1').replaceAll('lstm-external.bin', '../m-external.bin'), 'latin1'); // prettier-ignore
  writeFileSync(path, outside);
  expect((await refusal(path)).message).toMatch(/"..\/m-external.bin", outside its folder/);
});

test.each([
  ['lstm-untied', 23],
  ['deep-cnn-2d', 19],
  ['flat-cnn', 19],
  ['bigru-halves', 17],
] as const)(
  '%s cut anywhere, or with any byte changed, is imported or refused, and nothing else',
  async (name, size) => {
    const whole = readFileSync(join(GOLDEN, `onnx/${name}.onnx`));
    const path = folder.write(whole, size);
    const survives = async (bytes: Uint8Array) => {
      writeFileSync(path, bytes);
      await importModel(path).catch((error: unknown) => expect(error).toBeInstanceOf(LinnetError));
    };
    const at = fc.nat(whole.length - 1);
    await fc.assert(
      fc.asyncProperty(at, fc.nat(255), async (index, byte) => {
        await survives(whole.subarray(0, index));
        const changed = Buffer.from(whole);
        changed[index] = byte;
        await survives(changed);
      }),
      { numRuns: 100 },
    );
  },
);
