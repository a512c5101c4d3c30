/** Checkpoint folders → graphs, and every refusal a folder can meet. */
import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LinnetError } from '../../src/errors.js';
import type { ConvNode, EmbeddingNode, GruNode, LinearNode, LstmNode } from '../../src/graph/graph.js';
import { importCheckpoint } from '../../src/import/checkpoint.js';
import { parseSafetensors } from '../../src/import/safetensors.js';
import { f32, writeSafetensors, type TensorToWrite } from './write-safetensors.js';

const GOLDEN = join(__dirname, '../golden');
type Name =
  | 'lstm-tied'
  | 'lstm-untied'
  | 'text-cnn'
  | 'text-cnn-deep'
  | 'gru-lm'
  | 'gru-classifier'
  | 'bilstm-classifier'
  | 'bigru-cnn'
  | 'fasttext';
type Tensors = Record<string, TensorToWrite>;

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'linnet-checkpoint-'))));
afterEach(() => rmSync(dir, { recursive: true }));

/** A copy of a golden checkpoint with its configuration and tensors changed. */
function copy(name: Name, config: object = {}, change: (tensors: Tensors) => void = () => {}): string {
  cpSync(join(GOLDEN, name), dir, { recursive: true });
  const path = join(dir, 'config.json');
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...config }));
  const weights = join(dir, 'model.safetensors');
  const tensors: Tensors = Object.fromEntries(parseSafetensors(readFileSync(weights), weights));
  change(tensors);
  writeFileSync(weights, writeSafetensors(tensors));
  return dir;
}

async function refusal(folder: string): Promise<LinnetError> {
  const error = await importCheckpoint(folder).then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(LinnetError);
  return error as LinnetError;
}

describe('lstm_lm', () => {
  test('becomes embedding, LSTM layers and a tied output layer', async () => {
    const graph = await importCheckpoint(copy('lstm-tied', { name: 'tiny' }));
    expect(graph).toMatchObject({
      name: 'tiny',
      kind: 'language_model',
      labels: [],
      minTokens: 1,
      maxTokens: 0,
      bosId: 1,
    });
    expect(graph.eosId).toBeUndefined();
    expect(graph.metadata).toMatchObject({ model_type: 'lstm_lm', license: 'MIT' });
    expect(graph.nodes.map(({ op, output }) => `${op} ${output}`)).toEqual([
      'embedding encoder',
      'lstm rnn.0',
      'lstm rnn.1',
      'linear decoder',
    ]);
    expect((graph.nodes[3] as LinearNode).weight).toBe((graph.nodes[0] as EmbeddingNode).table);
    expect((graph.nodes[1] as LstmNode).inputWeight.shape).toEqual([52, 13]);
  });

  test('adds the two biases of a layer', async () => {
    const zero = (tensors: Tensors) => {
      tensors['rnn.bias_ih_l0'] = f32([52], new Array(52).fill(0.5));
      tensors['rnn.bias_hh_l0'] = f32([52], new Array(52).fill(0.25));
    };
    const graph = await importCheckpoint(copy('lstm-tied', {}, zero));
    expect([...(graph.nodes[1] as LstmNode).bias.data]).toEqual(new Array(52).fill(0.75));
  });

  test('takes its name from the folder if it has none', async () => {
    const graph = await importCheckpoint(join(GOLDEN, 'lstm-untied'));
    expect(graph.name).toBe('lstm-untied');
    expect((graph.nodes[3] as LinearNode).weight.name).toBe('decoder.weight');
  });

  test('accepts a tied decoder.weight that repeats the encoder, and refuses one that differs', async () => {
    const repeat = (tensors: Tensors) => (tensors['decoder.weight'] = tensors['encoder.weight']!);
    await expect(importCheckpoint(copy('lstm-tied', {}, repeat))).resolves.toBeDefined();
    const error = await refusal(
      copy('lstm-tied', {}, (t) => (t['decoder.weight'] = f32([23, 13], new Array(299).fill(1)))),
    );
    expect(error.message).toMatch(/differs from "encoder.weight".*"decoder.weight".*"tie_word_embeddings": false/);
  });

  test('has zero biases only where the configuration says that there are none', async () => {
    const drop = (tensors: Tensors) => delete tensors['decoder.bias'];
    const error = await refusal(copy('lstm-tied', {}, drop));
    expect(error).toMatchObject({ code: 'bad_checkpoint', what: 'missing; expected shape [23]' });
    expect(error.message).toMatch(/tensor "decoder.bias".*"decoder_bias": false/);
    const graph = await importCheckpoint(copy('lstm-tied', { decoder_bias: false }, drop));
    expect([...(graph.nodes[3] as LinearNode).bias.data]).toEqual(new Array(23).fill(0));
    const noBiases = (tensors: Tensors) => {
      for (const name of Object.keys(tensors)) if (name.startsWith('rnn.bias')) delete tensors[name];
    };
    await expect(importCheckpoint(copy('lstm-tied', { rnn_bias: false }, noBiases))).resolves.toBeDefined();
  });

  test('cannot be tied if the sizes differ', async () => {
    const error = await refusal(copy('lstm-untied', { tie_word_embeddings: true }));
    expect(error).toMatchObject({ code: 'unsupported_model' });
    expect(error.what).toMatch('embedding_size 11 and hidden_size 13');
  });
});

describe('text_cnn', () => {
  test('becomes embedding, convolutions, pooling, concatenation, output layer and softmax', async () => {
    const graph = await importCheckpoint(copy('text-cnn'));
    expect(graph).toMatchObject({
      kind: 'classifier',
      labels: ['bad', 'fair', 'good'],
      minTokens: 5,
      maxTokens: 12,
      padId: 0,
    });
    expect(graph.nodes.map(({ op }) => op).join(' ')).toBe(
      'embedding conv conv conv pool pool pool concat linear softmax',
    );
  });

  test('has its filters turned time-major', async () => {
    const values = Array.from({ length: 70 }, (_, i) => i);
    const graph = await importCheckpoint(copy('text-cnn', {}, (t) => (t['convs.0.weight'] = f32([7, 5, 2], values))));
    const { weight } = graph.nodes[1] as ConvNode;
    expect(weight.shape).toEqual([7, 2, 1, 5]);
    expect([...weight.data.slice(10, 20)]).toEqual([10, 12, 14, 16, 18, 11, 13, 15, 17, 19]);
  });

  test.each([
    [{ pooling: 'mean' }, 'unsupported_model', /"pooling" is "mean".*supports max/],
    [{ activation: 'gelu' }, 'unsupported_model', /"activation" is "gelu".*relu, tanh, sigmoid, none/],
    [{ pooling: 'lp', lp_norm: 4 }, 'unsupported_model', /"lp_norm" is 4.*3/],
    [{ batch_norm: true }, 'bad_checkpoint', /missing; expected shape \[7\].*"conv_norms.0.weight"/],
    [{ stack_widths: [2] }, 'bad_checkpoint', /missing.*"stack.0.weight"/],
    [{ labels: ['a', 'a', 'b'] }, 'bad_checkpoint', /"labels".*distinct/],
    [{ labels: ['a', 'b\0', 'c'] }, 'bad_checkpoint', /"labels"/],
    [{ labels: ['a', 'b'] }, 'bad_checkpoint', /shape is \[3, 21\], expected \[2, 21\].*"fc.weight"/],
    [{ filter_widths: [2, 65] }, 'unsupported_model', /"filter_widths" holds 65.*64/],
    [{ filter_widths: [1, 1, 1, 1, 1, 1, 1, 1, 1] }, 'unsupported_model', /9 filter widths/],
    [{ filter_widths: [] }, 'bad_checkpoint', /"filter_widths"/],
    [
      { filter_widths: [2, 3, 64], embedding_size: 2000, max_length: 64 },
      'unsupported_model',
      /dot products of 128000 terms/,
    ],
    [{ max_length: 4 }, 'bad_checkpoint', /"max_length" is 4.*at least 5/],
    [{ max_length: 5000 }, 'unsupported_model', /"max_length" is 5000.*4096/],
    [{ pad_token_id: null }, 'bad_checkpoint', /"pad_token_id" is missing/],
  ])('is refused with %j', async (config, code, message) => {
    const error = await refusal(copy('text-cnn', config));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });
});

const outline = async (name: Name): Promise<string[]> =>
  (await importCheckpoint(join(GOLDEN, name))).nodes.map((node) =>
    'input' in node ? `${node.op} ${node.output} < ${node.input}` : `${node.op} ${node.output}`,
  );

describe('rnn_lm', () => {
  test('has layers of its rnn_type', async () => {
    expect(await outline('gru-lm')).toEqual([
      'embedding encoder',
      'gru rnn.0 < encoder',
      'gru rnn.1 < rnn.0',
      'linear decoder < rnn.1',
    ]);
  });

  test('a GRU keeps apart the bias that the reset gate scales, and adds all others', async () => {
    const numbers = (from: number) => Array.from({ length: 39 }, (_, i) => from + i);
    const change = (tensors: Tensors) => {
      tensors['rnn.bias_ih_l0'] = f32([39], numbers(0));
      tensors['rnn.bias_hh_l0'] = f32([39], numbers(100));
    };
    const after = (await importCheckpoint(copy('gru-lm', {}, change))).nodes[1] as GruNode;
    expect([...after.bias.data]).toEqual(numbers(0).map((b, row) => (row < 26 ? 2 * b + 100 : b)));
    expect([...after.recurrentBias!.data]).toEqual(numbers(100).map((b, row) => (row < 26 ? 0 : b)));
    const before = (await importCheckpoint(copy('gru-lm', { reset_after: false }, change))).nodes[1] as GruNode;
    expect(before).toMatchObject({ reset: 'before' });
    expect([...before.bias.data]).toEqual(numbers(0).map((b) => 2 * b + 100));
    expect(before.recurrentBias).toBeUndefined();
  });

  test.each([
    [{ rnn_type: 'RNN_RELU' }, 'unsupported_model', /"rnn_type" is "RNN_RELU".*LSTM, GRU, RNN_TANH/],
    [{ rnn_type: 'LSTM' }, 'bad_checkpoint', /shape is \[39, 13\], expected \[52, 13\].*"rnn.weight_ih_l0"/],
    [{ rnn_type: 3 }, 'bad_checkpoint', /"rnn_type" is 3/],
    [{ model_type: 'lstm_lm' }, 'unsupported_model', /"rnn_type" is "GRU".*supports LSTM/],
    [{ bidirectional: true }, 'unsupported_model', /bidirectional language model.*cannot generate/],
    [{ hidden_size: 4097 }, 'unsupported_model', /"hidden_size" is 4097.*4096/],
    [{ reset_after: 'no' }, 'bad_checkpoint', /"reset_after" is "no".*true or false/],
  ])('is refused with %j', async (config, code, message) => {
    const error = await refusal(copy('gru-lm', config));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });
});

describe('a text_cnn with stacked convolutions', () => {
  test('puts them under the filters and needs the tokens that these see', async () => {
    expect((await importCheckpoint(copy('text-cnn-deep'))).minTokens).toBe(6);
    expect(await outline('text-cnn-deep')).toEqual([
      'embedding embedding',
      'conv stack.0 < embedding',
      'conv stack.1 < stack.0',
      'conv convs.0 < stack.1',
      'conv convs.1 < stack.1',
      'pool pools.0 < convs.0',
      'pool pools.1 < convs.1',
      'concat concat',
      'linear fc < concat',
      'softmax softmax < fc',
    ]);
  });

  test('is refused with a negative variance, an odd epsilon or a norm too many', async () => {
    const spoil = (tensors: Tensors) => (tensors['norms.1.running_var'] = f32([6], [1, 1, -1, 1, 1, 1]));
    expect((await refusal(copy('text-cnn-deep', {}, spoil))).message).toMatch(
      /variance is negative.*norms.1.running_var/,
    );
    expect((await refusal(copy('text-cnn-deep', { batch_norm_eps: 0 }))).message).toMatch(/"batch_norm_eps" is 0/);
    expect((await refusal(copy('text-cnn-deep', { batch_norm: false }))).message).toMatch(/unexpected.*conv_norms/);
  });
});

describe('classifiers with recurrent layers', () => {
  test('rnn_classifier takes the last step of each direction of the top layer', async () => {
    expect(await outline('gru-classifier')).toEqual([
      'embedding embedding',
      'gru rnn.0 < embedding',
      'last_step rnn.0.last < rnn.0',
      'linear fc < rnn.0.last',
      'softmax softmax < fc',
    ]);
    expect(await outline('bilstm-classifier')).toEqual([
      'embedding embedding',
      'lstm rnn.0.forward < embedding',
      'lstm rnn.0.reverse < embedding',
      'concat rnn.0',
      'lstm rnn.1.forward < rnn.0',
      'lstm rnn.1.reverse < rnn.0',
      'last_step rnn.1.forward.last < rnn.1.forward',
      'last_step rnn.1.reverse.last < rnn.1.reverse',
      'concat ends',
      'linear fc < ends',
      'softmax softmax < fc',
    ]);
  });

  test('rnn_cnn convolves the hidden states of both directions', async () => {
    expect(await outline('bigru-cnn')).toEqual([
      'embedding embedding',
      'gru rnn.0.forward < embedding',
      'gru rnn.0.reverse < embedding',
      'concat rnn',
      'conv convs.0 < rnn',
      'conv convs.1 < rnn',
      'pool pools.0 < convs.0',
      'pool pools.1 < convs.1',
      'concat concat',
      'linear fc < concat',
      'softmax softmax < fc',
    ]);
  });

  test('a missing reverse half and one too many are found', async () => {
    const drop = (tensors: Tensors) => delete tensors['rnn.weight_hh_l1_reverse'];
    expect((await refusal(copy('bilstm-classifier', {}, drop))).message).toMatch(/missing.*"rnn.weight_hh_l1_reverse"/);
    const error = await refusal(copy('bilstm-classifier', { bidirectional: false }));
    expect(error.message).toMatch(/shape is \[36, 18\], expected \[36, 9\].*"rnn.weight_ih_l1"/);
  });

  test.each([
    [{ labels: ['a', 'b'] }, 'bad_checkpoint', /shape is \[3, 18\], expected \[2, 18\].*"fc.weight"/],
    [{ max_length: 0 }, 'bad_checkpoint', /"max_length" is 0/],
    [{ max_length: null }, 'bad_checkpoint', /"max_length" is missing/],
    [{ bidirectional: 1 }, 'bad_checkpoint', /"bidirectional" is 1.*true or false/],
    [{ num_layers: 1 }, 'bad_checkpoint', /unexpected tensors "rnn.weight_ih_l1"/],
  ])('rnn_classifier is refused with %j', async (config, code, message) => {
    const error = await refusal(copy('bilstm-classifier', config));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  test('rnn_cnn needs padding, rnn_classifier does not', async () => {
    expect((await refusal(copy('bigru-cnn', { pad_token_id: null }))).message).toMatch(/"pad_token_id" is missing/);
    await expect(importCheckpoint(copy('gru-classifier', { pad_token_id: null }))).resolves.toMatchObject({
      minTokens: 1,
    });
  });
});

test('fasttext is the mean of the embeddings and a linear layer', async () => {
  expect(await outline('fasttext')).toEqual([
    'embedding embedding',
    'pool mean < embedding',
    'linear fc < mean',
    'softmax softmax < fc',
  ]);
  const error = await refusal(copy('fasttext', {}, (t) => (t['extra'] = f32([1], [1]))));
  expect(error.what).toBe('unexpected tensors "extra"');
});

describe('a checkpoint is refused', () => {
  test.each([
    [{ model_type: 'gpt2' }, 'unsupported_model', /"gpt2".*lstm_lm, rnn_lm, text_cnn, rnn_classifier/],
    [{ model_type: null }, 'bad_checkpoint', /"model_type" is missing/],
    [{ model_type: 3 }, 'bad_checkpoint', /"model_type" is 3.*string/],
    [{ hidden_size: null }, 'bad_checkpoint', /"hidden_size" is missing/],
    [{ hidden_size: '13' }, 'bad_checkpoint', /"hidden_size" is "13".*integer/],
    [{ hidden_size: 0 }, 'bad_checkpoint', /at least 1/],
    [{ hidden_size: 1.5 }, 'bad_checkpoint', /integer/],
    [{ vocab_size: 70000 }, 'unsupported_model', /"vocab_size" is 70000/],
    [{ num_layers: 65 }, 'unsupported_model', /"num_layers" is 65/],
    [{ num_layers: 3 }, 'bad_checkpoint', /missing; expected shape \[52, 13\].*"rnn.weight_ih_l2"/],
    [{ num_layers: 1 }, 'bad_checkpoint', /unexpected tensors "rnn.weight_ih_l1", "rnn.weight_hh_l1"/],
    [{ tie_word_embeddings: 'yes' }, 'bad_checkpoint', /"tie_word_embeddings".*true or false/],
    [{ tie_word_embeddings: false }, 'bad_checkpoint', /missing; expected shape \[23, 13\].*"decoder.weight"/],
    [{ bos_token_id: 23 }, 'bad_checkpoint', /"bos_token_id" is 23.*below vocab_size 23/],
    [{ eos_token_id: [1, 2] }, 'bad_checkpoint', /"eos_token_id" is \[1,2\]/],
    [{ name: 'a\u001b[2J' }, 'bad_checkpoint', /"name"/],
  ])('with the configuration %j', async (config, code, message) => {
    const error = await refusal(copy('lstm-tied', config));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  test('with a tensor of another shape', async () => {
    const error = await refusal(copy('lstm-tied', {}, (t) => (t['rnn.weight_hh_l0'] = f32([2, 2], [1, 2, 3, 4]))));
    expect(error.message).toMatch(/shape is \[2, 2\], expected \[52, 13\].*tensor "rnn.weight_hh_l0"/);
  });

  test('with a NaN among its weights', async () => {
    const values = new Array(23).fill(0.5);
    values[20] = NaN;
    const error = await refusal(copy('lstm-tied', {}, (t) => (t['decoder.bias'] = f32([23], values))));
    expect(error.message).toMatch(/NaN at index \[20\].*tensor "decoder.bias"/);
  });

  test('with tensors the model has no place for, all named up to eight', async () => {
    const add = (tensors: Tensors) => {
      for (let i = 0; i < 10; i++) tensors[`extra.${i}`] = f32([1], [1]);
    };
    const error = await refusal(copy('lstm-tied', {}, add));
    expect(error.what).toMatch(/^unexpected tensors "extra.0", .*"extra.7" and 2 more$/);
  });

  test('with a tokenizer of another size', async () => {
    cpSync(join(GOLDEN, 'lstm-tied'), dir, { recursive: true });
    cpSync(join(GOLDEN, 'text-cnn', 'tokenizer.json'), join(dir, 'tokenizer.json'));
    expect((await refusal(dir)).what).toBe('tokenizer has 19 tokens, the embedding 23 rows');
  });

  test.each(['config.json', 'model.safetensors', 'tokenizer.json'])('without %s', async (file) => {
    unlinkSync(join(copy('lstm-tied'), file));
    const error = await refusal(dir);
    expect(error.code).toBe('file_not_found');
    expect(error.where).toBe(join(dir, file));
  });

  test.each(['config.json', 'tokenizer.json'])('with broken JSON in %s', async (file) => {
    truncateSync(join(copy('lstm-tied'), file), 60);
    const error = await refusal(dir);
    expect(error).toMatchObject({ code: 'bad_checkpoint', where: join(dir, file) });
    expect(error.what).toMatch('not valid JSON');
  });

  test('with JSON that is no object in config.json', async () => {
    writeFileSync(join(copy('lstm-tied'), 'config.json'), '[]');
    expect((await refusal(dir)).what).toBe('not a JSON object');
  });

  test('when its weights are cut short', async () => {
    truncateSync(join(copy('lstm-tied'), 'model.safetensors'), 5000);
    expect((await refusal(dir)).what).toMatch(/^data ends at byte \d+ but the file holds only/);
  });

  test('when it is no folder, or a file of it is a folder', async () => {
    expect((await refusal(join(GOLDEN, 'make.py'))).code).toBe('file_not_found');
    expect((await refusal(join(dir, 'none'))).code).toBe('file_not_found');
    copy('lstm-tied');
    unlinkSync(join(dir, 'config.json'));
    cpSync(join(GOLDEN, 'text-cnn'), join(dir, 'config.json'), { recursive: true });
    expect((await refusal(dir)).code).toBe('file_unreadable');
  });
});
