/** What cannot be imported is refused in one line that names the file, the node and its operator. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { ElementType, type OnnxAttribute } from '../../../scripts/bench/onnx.js';
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
  readonly gates?: number;
  readonly attributes?: Attributes;
  /** Inputs from sequence_lens on. */
  readonly inputs?: (w: ModelWriter) => string[];
}

function lstm({ gates = 4, attributes = {}, inputs = () => [] }: LstmChanges): Write {
  return (w, x) => {
    const weights = [w.floats([1, gates * SIZE, SIZE]), w.floats([1, gates * SIZE, SIZE]), ''];
    const y = w.node('LSTM', [x, ...weights, ...inputs(w)], { hidden_size: SIZE, ...attributes });
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

const REFUSED: readonly (readonly [string, ErrorCode, RegExp, Write])[] = [
  ['an operator it does not know', 'unsupported_model', /^operator Selu is not supported \(.*model.onnx, node "v1" \(Selu\)\): replace/, (w, x) => decoder(w, w.node('Selu', [x]))],
  ['a GRU', 'unsupported_model', /operator GRU is not supported/, (w, x) => w.node('GRU', [x])],
  ['a sum of activations', 'unsupported_model', /adds two activations .*\(Add\)\): .*no residual/, (w, x) => decoder(w, w.node('Add', [x, x]))],
  ['a product', 'unsupported_model', /^Mul of activations/, (w, x) => decoder(w, w.node('Mul', [x, ones(w, [1])]))],
  ['a constant added to the embedding', 'unsupported_model', /only as the bias/, (w, x) => decoder(w, w.node('Add', [x, ones(w, [SIZE])]))],
  ['an LSTM with three gates', 'bad_checkpoint', /^R is \[1, 12, 4\], expected \[1, 16, 4\]: 4 gates of 4 units/, lstm({ gates: 3 })],
  ['a clipped LSTM', 'unsupported_model', /clips its gates .*\(LSTM\)\): .*without clip/, lstm({ attributes: { clip: { float: 3 } } })],
  ['a reverse LSTM', 'unsupported_model', /^direction is reverse .*\(LSTM\)\): .*forward/, lstm({ attributes: { direction: 'reverse' } })],
  ['a batch-first LSTM operator', 'unsupported_model', /layout is 1/, lstm({ attributes: { layout: 1 } })],
  ['coupled gates', 'unsupported_model', /coupled/, lstm({ attributes: { input_forget: 1 } })],
  ['sequence lengths', 'unsupported_model', /sequence lengths .*without packed/, lstm({ inputs: (w) => [w.integers([7])] })],
  ['a trained initial state', 'unsupported_model', /initial state is a constant other than 0 .*: start from zeros/, lstm({ inputs: (w) => ['', ones(w, [1, 1, SIZE])] })],
  ['peepholes', 'unsupported_model', /peephole/, lstm({ inputs: (w) => ['', '', '', ones(w, [1, 3 * SIZE])] })],
  ['padding', 'unsupported_model', /padded \(1, 1\) .*\(Conv\)\): .*without padding/, conv({ pads: [1, 1] })],
  ['a stride', 'unsupported_model', /strides are 2/, conv({ strides: [2] })],
  ['dilation', 'unsupported_model', /dilations are 2/, conv({ dilations: [2] })],
  ['groups', 'unsupported_model', /grouped/, conv({ group: 2 }, [4, 2, 2])],
  ['a kernel of other channels', 'unsupported_model', /kernel \[3, 2\] for 4 features/, conv({}, [3, 3, 2])],
  ['a convolution that is too wide', 'unsupported_model', /supports a width of 64/, conv({}, [2, SIZE, 65])],
  ['time and features in one axis, though time is dynamic', 'unsupported_model', /joins or splits time and features .*\(Reshape\)/, (w, x) => decoder(w, w.node('Reshape', [x, w.integers([1, -1])]))],
  ['a fixed size where time is dynamic', 'unsupported_model', /axis of 6 is made where sizes are dynamic/, (w, x) => decoder(w, w.node('Reshape', [x, w.integers([6, 4])]))],
  ['a window where time is dynamic', 'unsupported_model', /window is 3 of a dynamic number of steps .*\(MaxPool\)/, (w, x) => w.node('MaxPool', [w.node('Transpose', [x], { perm: [1, 2, 0] })], { kernel_shape: [3] })],
  ['the last step only', 'unsupported_model', /takes a part of the output of "v0" .*\(Slice\)/, (w, x) => decoder(w, w.node('Slice', [x, w.integers([-1]), w.integers([99])]))],
  ['weights that do not fit', 'bad_checkpoint', /^weights \[5, 9\] for 4 features .*\(MatMul\)/, (w, x) => w.node('MatMul', [x, w.node('Transpose', [w.floats([5, 9])], { perm: [1, 0] })])],
  ['NaN weights', 'bad_checkpoint', /^weight "w1" holds NaN/, (w, x) => w.node('MatMul', [x, w.floats([SIZE, VOCAB], () => NaN)])],
  ['batch norm in training', 'unsupported_model', /training mode .*model.eval/, (w, x) => w.node('BatchNormalization', [w.node('Transpose', [x], { perm: [1, 2, 0] }), ...[1, 2, 3, 4].map(() => ones(w, [SIZE]))], { training_mode: 1 })],
  ['a ReLU after the embedding', 'unsupported_model', /does not follow a convolution or linear layer/, (w, x) => decoder(w, w.node('Relu', [x]))],
  ['a value before and after its ReLU', 'unsupported_model', /is read here and, in another form, elsewhere .*\((Relu|MatMul)\)/, (w, x) => { const y = decoder(w, x, SIZE); return w.node('Concat', [decoder(w, y), w.node('Relu', [y])]); }],
  ['softmax over time', 'unsupported_model', /normalizes over axis 0, not the features/, (w, x) => w.node('Softmax', [decoder(w, x)], { axis: 0 })],
  ['layers after the softmax', 'unsupported_model', /follows a softmax/, (w, x) => w.node('Relu', [w.node('Softmax', [decoder(w, x)])])],
  ['no output layer', 'unsupported_model', /^the model ends in embedding/, (w, x) => w.node('Identity', [x])],
  ['logits of another vocabulary', 'unsupported_model', /^7 logits a step for a vocabulary of 9/, (w, x) => decoder(w, x, 7)],
  ['a value from nowhere', 'bad_checkpoint', /^value "nowhere" is read before it is made/, (w) => decoder(w, w.node('Identity', ['nowhere']))],
  ['an axis that is not there', 'bad_checkpoint', /^axis 7 of a value of rank 3/, (w, x) => decoder(w, w.node('Squeeze', [x, w.integers([7])]))],
]; // prettier-ignore

test.each(REFUSED)('%s', async (_, code, message, write) => {
  const error = await refusal(folder.write(model(write), VOCAB));
  expect(error.code).toBe(code);
  expect(error.message).toMatch(message);
  expect(error.where).toContain(join(folder.dir, 'model.onnx'));
});

test('a bidirectional LSTM as PyTorch exports it', async () => {
  const error = await refusal(folder.write(readFileSync(join(GOLDEN, 'onnx/refused-bidirectional.onnx')), 11));
  expect(error.message).toMatch(
    /^direction is bidirectional \(.*node "\/rnn\/LSTM" \(LSTM\)\): this version runs forward/,
  );
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

test('a file cut anywhere, or with any byte changed, is imported or refused, and nothing else', async () => {
  folder.copy('lstm-untied/tokenizer.json');
  const path = folder.copy('onnx/lstm-untied.onnx');
  const whole = readFileSync(path);
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
    { numRuns: 300 },
  );
});
