/** docs/format.md, "What a reader checks", 5 and 6: convolutions and pools. */
import { ConvOp, NONE, PoolOp } from '../../../src/schema/image';
import { element, fault, u16, u32, u8, type Edit, type Fault, type Places } from './fault';

const conv = (at: Places, field: keyof typeof ConvOp.offsets, n = 0): number =>
  at.op('conv', n).at + ConvOp.offsets[field];
const pool = (at: Places, field: keyof typeof PoolOp.offsets, n = 0): number =>
  at.op('pool', n).at + PoolOp.offsets[field];

type Axes = 'kernel' | 'stride' | 'pad_begin' | 'pad_end';
type ConvAxes = Axes | 'dilation' | 'upsample';
const AXIS = ['time', 'width'] as const;
const TIME = 0;
const WIDTH = 1;

/** Ops of cnn-plane. */
const PLANE = 'cnn-plane';
const NORMED = 1; // conv, 4 groups
const GROUPED = 2; // conv, 4 channels, 6 filters, 2 groups
const STEP = 4; // conv of one step
const FLAT = 5; // conv of one step, its window is the input
const MAX = 0; // pool, kernel [3, 2]
const AVERAGE = 1;
const LP = 3;
const ALL_STEPS = 4; // pool
const PADDED_STEP = 12; // pool of one step, kernel [2, 3]
const ALL_OF_STEP = 13; // pool of one step, kernel [0, 3]

const convField = (image: string, n: number, field: ConvAxes, axis: 0 | 1, value: number, status = 'bad_op' as const) =>
  fault(status, image, `a conv of ${field} ${value} over ${AXIS[axis]} (${image}, ${n})`, (at) => [
    element(conv(at, field, n), axis, value),
  ]);
const poolField = (image: string, n: number, field: Axes, axis: 0 | 1, value: number) =>
  fault('bad_op', image, `a pool of ${field} ${value} over ${AXIS[axis]} (${image}, ${n})`, (at) => [
    element(pool(at, field, n), axis, value),
  ]);
const poolBytes = (name: string, edit: (at: Places) => Edit) =>
  fault('bad_op', PLANE, `a pool with ${name}`, (at) => [edit(at)]);

const CONV_FIELDS: Fault[] = [
  convField(PLANE, 0, 'kernel', TIME, 0),
  convField(PLANE, 0, 'kernel', TIME, 65),
  convField(PLANE, 0, 'kernel', WIDTH, 0),
  ...(['stride', 'dilation', 'upsample'] as const).flatMap((field) =>
    ([TIME, WIDTH] as const).flatMap((axis) => [
      convField(PLANE, 0, field, axis, 0),
      convField(PLANE, 0, field, axis, 65),
    ]),
  ),
  ...(['pad_begin', 'pad_end'] as const).flatMap((field) =>
    ([TIME, WIDTH] as const).map((axis) => convField(PLANE, 0, field, axis, 4097)),
  ),
  convField('lm-gated', 0, 'kernel', TIME, 2),
  convField('lm-gated', 0, 'stride', TIME, 2),
  convField('lm-gated', 0, 'upsample', TIME, 2),
  convField('lm-gated', 0, 'pad_begin', TIME, 1),
  convField('lm-gated', 0, 'pad_end', TIME, 1),
  fault('bad_op', PLANE, 'a conv of no group', (at) => [u16(conv(at, 'groups'), 0)]),
  fault('bad_op', PLANE, 'a conv of no channel', (at) => [u32(conv(at, 'channels'), 0)]),
  fault('bad_op', PLANE, 'a conv of too many channels', (at) => [u32(conv(at, 'channels'), 2 ** 20 + 1)]),
  fault('bad_op', PLANE, 'a conv with reserved', (at) => [u16(conv(at, 'reserved'), 0x100)]),
];

const overTime = (status: Fault['status'], image: string, name: string, n: number, value: number): Fault =>
  fault(status, image, name, (at) => [u8(conv(at, 'over_time', n), value)]);

/** Ops of cnn-largest. */
const LARGEST = 'cnn-largest';
const SHORTEST = 1; // conv of kernel 3, as many as the fewest tokens
const WIDE = 2; // conv of kernel [3, 2], stride [2, 1]
const UPSAMPLED = 4;
const OF_ONE_STEP = 6; // conv of one step

const OVER_TIME: Fault[] = [
  overTime('bad_op', 'cnn-fused', 'an over_time of 2', 0, 2),
  overTime('bad_op', PLANE, 'an over_time of 255', STEP, 255),
  overTime('bad_op', 'lm-gated', 'the largest of all steps in a language model', 0, 1),
  overTime('bad_operand', 'cnn', 'the largest of all steps that keeps time', 0, 1),
  overTime('bad_operand', 'cnn-fused', 'every step without time', 0, 0),
  fault('bad_operand', LARGEST, 'the largest of all steps of int16', (at) => [
    u16(conv(at, 'output'), at.op('linear').output),
  ]),
  // Of the fewest tokens no window is left: no output's time form could say so.
  fault('bad_shape', 'cnn-fused', 'a kernel longer than the shortest input', (at) => [u16(at.header('min_tokens'), 4)]),
  fault('bad_shape', LARGEST, 'a kernel that dilation makes longer than the shortest input', (at) => [
    element(conv(at, 'dilation', WIDE), TIME, 2),
  ]),
  fault('bad_shape', LARGEST, 'a wider largest step than said', (at) => [element(conv(at, 'stride', WIDE), WIDTH, 2)]),
  fault('bad_shape', PLANE, 'the largest of two positions of one step', (at) => [
    u8(conv(at, 'over_time', STEP), 1),
    element(conv(at, 'pad_end', STEP), TIME, 2),
  ]),
];

const POOL_FIELDS: Fault[] = [
  poolField(PLANE, MAX, 'kernel', TIME, 65),
  poolField(PLANE, MAX, 'kernel', WIDTH, 0),
  ...([TIME, WIDTH] as const).flatMap((axis) => [
    poolField(PLANE, MAX, 'stride', axis, 0),
    poolField(PLANE, MAX, 'stride', axis, 65),
    poolField(PLANE, MAX, 'pad_begin', axis, axis === TIME ? 3 : 2),
    poolField(PLANE, MAX, 'pad_end', axis, axis === TIME ? 3 : 2),
  ]),
  poolField(PLANE, ALL_STEPS, 'stride', TIME, 2),
  poolField(PLANE, ALL_STEPS, 'pad_begin', TIME, 1),
  poolField(PLANE, ALL_STEPS, 'pad_end', TIME, 1),
  poolField('lm-gated', 0, 'kernel', TIME, 0),
  poolField('lm-gated', 0, 'kernel', TIME, 2),
  poolField('lm-gated', 0, 'stride', TIME, 2),
  poolField('lm-gated', 0, 'pad_begin', TIME, 1),
  poolField('lm-gated', 0, 'pad_end', TIME, 1),
  poolBytes('no channel', (at) => u32(pool(at, 'channels'), 0)),
  poolBytes('too many channels', (at) => u32(pool(at, 'channels'), 2 ** 20 + 1)),
  poolBytes('an unknown mode', (at) => u8(pool(at, 'mode'), 3)),
  poolBytes('reserved', (at) => u8(pool(at, 'reserved'), 1)),
  poolBytes('reserved2', (at) => u16(pool(at, 'reserved2'), 0x100)),
  ...[0, 4].map((order) => poolBytes(`an Lp order of ${order}`, (at) => u8(pool(at, 'order', LP), order))),
  poolBytes('a gain of 8', (at) => u8(pool(at, 'gain', AVERAGE), 8)),
  poolBytes('count_padding 2', (at) => u8(pool(at, 'count_padding', AVERAGE), 2)),
  poolBytes('an Lp multiplier below 2^30', (at) => u32(pool(at, 'multiplier', LP), 2 ** 30 - 1)),
  poolBytes('an Lp multiplier of 2^31', (at) => u32(pool(at, 'multiplier', LP), 2 ** 31)),
  ...[16, 63].map((shift) => poolBytes(`an Lp shift of ${shift}`, (at) => u8(pool(at, 'shift', LP), shift))),
  ...([MAX, AVERAGE] as const).flatMap((n) => {
    const mode = n === MAX ? 'maximum' : 'average';
    return [
      poolBytes(`an order (${mode})`, (at) => u8(pool(at, 'order', n), 1)),
      poolBytes(`a multiplier (${mode})`, (at) => u32(pool(at, 'multiplier', n), 2 ** 30)),
      poolBytes(`a shift (${mode})`, (at) => u8(pool(at, 'shift', n), 17)),
    ];
  }),
  ...([MAX, LP] as const).flatMap((n) => {
    const mode = n === MAX ? 'maximum' : 'Lp';
    return [
      poolBytes(`a gain (${mode})`, (at) => u8(pool(at, 'gain', n), 1)),
      poolBytes(`count_padding (${mode})`, (at) => u8(pool(at, 'count_padding', n), 1)),
    ];
  }),
];

/** In cnn the windows lie in one piece; in cnn-plane those of the last conv, too. */
const WINDOW: Fault[] = [
  fault('bad_operand', PLANE, 'no window for padding', (at) => [u16(conv(at, 'window'), NONE)]),
  fault('bad_operand', PLANE, 'no window for groups', (at) => [u16(conv(at, 'window', NORMED), NONE)]),
  fault('bad_operand', PLANE, 'a window that does not exist', (at) => [
    u16(conv(at, 'window'), at.image.tensors.length),
  ]),
  fault('bad_operand', PLANE, 'a constant as window', (at) => [u16(conv(at, 'window'), at.op('embedding').table)]),
  fault('bad_operand', PLANE, 'a window with time', (at) => [u16(conv(at, 'window'), at.op('add').output)]),
  fault('bad_operand', PLANE, 'a window of int16', (at) => [u16(conv(at, 'window'), at.op('linear').output)]),
  fault('bad_operand', PLANE, 'a window nobody needs', (at) => [
    u16(conv(at, 'window', FLAT), at.op('conv', STEP).window),
  ]),
  ...(
    [
      ['pad_begin', TIME],
      ['pad_begin', WIDTH],
      ['pad_end', TIME],
      ['pad_end', WIDTH],
    ] as const
  ).map(([field, axis]) =>
    fault('bad_operand', 'cnn', `no window for ${field} of ${AXIS[axis]}`, (at) => [element(conv(at, field), axis, 1)]),
  ),
  ...([TIME, WIDTH] as const).map((axis) =>
    fault('bad_operand', 'cnn', `no window for upsample of ${AXIS[axis]}`, (at) => [
      element(conv(at, 'upsample'), axis, 2),
    ]),
  ),
  fault('bad_operand', 'cnn', 'no window for 3 groups', (at) => [u16(conv(at, 'groups'), 3)]),
  fault('bad_operand', 'cnn', 'no window for dilated steps', (at) => [element(conv(at, 'dilation'), TIME, 2)]),
  fault('bad_operand', PLANE, 'no window for a dilated width', (at) => [element(conv(at, 'dilation', FLAT), WIDTH, 2)]),
  fault('bad_operand', 'cnn', 'no window for a part of each step', (at) => [u32(conv(at, 'channels'), 6)]),
  fault('bad_operand', 'cnn', 'no window for more channels than features', (at) => [u32(conv(at, 'channels'), 13)]),
];

const OPERANDS: Fault[] = [
  fault('bad_operand', PLANE, 'a conv of a sequence that is one step', (at) => [
    u16(conv(at, 'output'), at.op('concat').output),
  ]),
  fault('bad_operand', PLANE, 'a conv of one step that is a sequence', (at) => [
    u16(conv(at, 'output', FLAT), at.op('add').output),
  ]),
  fault('bad_operand', PLANE, 'a conv of int16', (at) => [u16(conv(at, 'input', FLAT), at.op('linear').output)]),
  fault('bad_operand', PLANE, 'a pool of a constant', (at) => [u16(pool(at, 'input'), at.op('embedding').table)]),
  fault('bad_operand', PLANE, 'a windowed pool without time', (at) => [
    u16(pool(at, 'output'), at.op('concat').output),
  ]),
  fault('bad_operand', PLANE, 'a pool of one step that is a sequence', (at) => [
    u16(pool(at, 'output', ALL_OF_STEP), at.op('add').output),
  ]),
  fault('bad_operand', PLANE, 'a pool over all steps that keeps time', (at) => [
    u16(pool(at, 'output', ALL_STEPS), at.op('add', 1).output),
  ]),
];

const SHAPES: Fault[] = [
  fault('bad_shape', PLANE, 'features that are no multiple of the channels', (at) => [u32(conv(at, 'channels'), 5)]),
  fault('bad_shape', 'cnn', 'one piece of features that are no multiple', (at) => [u32(conv(at, 'channels'), 7)]),
  // The columns come out whole, and one position fits.
  fault('bad_shape', 'cnn', 'one piece and a half', (at) => [
    u32(conv(at, 'channels'), 8),
    u32(at.tensor(at.op('conv').weights.weight, 'dims') + 4, 16),
  ]),
  ...[
    ['channels', 3, 8],
    ['filters', 4, 6],
  ].map(([what, groups, columns]) =>
    fault('bad_shape', PLANE, `groups that divide the window, but not the ${what}`, (at) => [
      u16(conv(at, 'groups', GROUPED), Number(groups)),
      u32(at.tensor(at.op('conv', GROUPED).weights.weight, 'dims') + 4, Number(columns)),
      u32(at.tensor(at.op('conv', GROUPED).window, 'dims'), Number(columns)),
    ]),
  ),
  fault('bad_shape', PLANE, 'groups that do not divide the channels', (at) => [u16(conv(at, 'groups', GROUPED), 3)]),
  fault('bad_shape', PLANE, 'groups that do not divide the filters', (at) => [u16(conv(at, 'groups', GROUPED), 4)]),
  fault('bad_shape', PLANE, 'more groups than channels', (at) => [u16(conv(at, 'groups', GROUPED), 65535)]),
  fault('bad_shape', PLANE, 'no window fits the width', (at) => [element(conv(at, 'dilation'), WIDTH, 64)]),
  fault('bad_shape', PLANE, 'no window fits the time', (at) => [element(conv(at, 'dilation'), TIME, 64)]),
  fault('bad_shape', PLANE, 'a wider output than said', (at) => [element(conv(at, 'stride'), WIDTH, 1)]),
  fault('bad_shape', PLANE, 'an upsampled output narrower than said', (at) => [
    element(conv(at, 'upsample'), WIDTH, 2),
  ]),
  fault('bad_shape', PLANE, 'a longer output than said', (at) => [element(conv(at, 'stride'), TIME, 1)]),
  // ⌊(31 + 2) / 2⌋ = ⌊(31 + 1) / 2⌋: only the form tells them apart.
  fault('bad_shape', PLANE, 'padding that shows in shorter inputs only', (at) => [
    element(conv(at, 'pad_end'), TIME, 2),
  ]),
  fault('bad_shape', PLANE, 'another time_offset', (at) => [u32(at.tensor(at.op('conv').output, 'time_offset'), 2)]),
  fault('bad_shape', PLANE, 'an equal time form that is not in the terms of its parts', (at) => {
    const { output } = at.op('conv');
    return [
      u16(at.tensor(output, 'time_factor'), 2),
      u16(at.tensor(output, 'time_divisor'), 4),
      u32(at.tensor(output, 'time_offset'), 2),
    ];
  }),
  fault('bad_shape', 'cnn-deep', 'upsampling after a stride', (at) => [element(conv(at, 'upsample', 3), TIME, 2)]),
  fault('bad_shape', PLANE, 'two positions of one step', (at) => [element(conv(at, 'pad_end', STEP), TIME, 2)]),
  fault('bad_shape', PLANE, 'no position of one step', (at) => [element(conv(at, 'pad_end', STEP), TIME, 0)]),
  fault('bad_shape', PLANE, 'a window of another size', (at) => [u32(at.tensor(at.op('conv').window, 'dims'), 11)]),
  fault('bad_shape', PLANE, 'weights of another conv', (at) => [
    u16(conv(at, 'weights'), at.op('conv', GROUPED).weights.weight),
  ]),
  fault('bad_shape', PLANE, 'columns that wrap at 32 bits', (at) => [
    element(conv(at, 'kernel'), WIDTH, 4),
    u32(conv(at, 'channels'), 2 ** 20),
  ]),
  fault('bad_shape', 'lm-gated', 'a narrower conv in a language model', (at) => [
    element(conv(at, 'pad_end'), WIDTH, 0),
  ]),

  fault('bad_shape', PLANE, 'a pool of features that are no multiple', (at) => [u32(pool(at, 'channels'), 7)]),
  fault('bad_shape', PLANE, 'a pool of other channels', (at) => [u32(pool(at, 'channels', ALL_STEPS), 5)]),
  fault('bad_shape', PLANE, 'a pool of a wider output', (at) => [element(pool(at, 'pad_end'), WIDTH, 1)]),
  fault('bad_shape', PLANE, 'a pool of fewer steps', (at) => [element(pool(at, 'stride'), TIME, 3)]),
  fault('bad_shape', PLANE, 'a pool of another time form', (at) => [
    u32(at.tensor(at.op('pool').output, 'time_offset'), 6),
  ]),
  fault('bad_shape', PLANE, 'a pool over all steps of more width', (at) => [
    element(pool(at, 'stride', ALL_STEPS), WIDTH, 1),
  ]),
  fault('bad_shape', PLANE, 'a pool no window of which fits', (at) => [
    element(pool(at, 'kernel', ALL_STEPS), WIDTH, 6),
  ]),
  fault('bad_shape', PLANE, 'two positions of one pooled step', (at) => [
    element(pool(at, 'stride', PADDED_STEP), TIME, 1),
    element(pool(at, 'pad_end', PADDED_STEP), TIME, 1),
  ]),
  fault('bad_shape', 'cnn', 'a pool of more than 2^15 elements', (at) => tallPool(at, 841)),
  fault('bad_shape', PLANE, 'a pool of one step and more than 2^15 elements', (at) => widePool(at, 32769)),
];

/** A pool of cnn over 39 steps and a width of one feature, padded. */
const tallPool = (at: Places, width: number): Edit[] => [
  element(pool(at, 'kernel'), WIDTH, width),
  element(pool(at, 'pad_begin'), WIDTH, width - 1),
];

/** The pool of one step of cnn-plane, 13 features wide, stride 4, still of three positions. */
const widePool = (at: Places, width: number): Edit[] => [
  element(pool(at, 'kernel', ALL_OF_STEP), WIDTH, width),
  element(pool(at, 'pad_begin', ALL_OF_STEP), WIDTH, width - 5),
];

const moveWindow = (at: Places, n: number, to: number): Edit =>
  u32(at.tensor(at.op('conv', n).window, 'offset'), at.image.tensors[to]!.offset);

const PLACES: Fault[] = [
  fault('bad_order', PLANE, 'a window over its output', (at) => [moveWindow(at, 0, at.op('conv').output)]),
  fault('bad_order', PLANE, 'a window over its input', (at) => [moveWindow(at, 0, at.op('conv').input)]),
  fault('bad_order', PLANE, 'a window over what a later op reads', (at) => [
    moveWindow(at, GROUPED + 1, at.op('conv', GROUPED).output),
  ]),
];

export const WINDOWS: Fault[] = [
  ...CONV_FIELDS,
  ...OVER_TIME,
  ...POOL_FIELDS,
  ...WINDOW,
  ...OPERANDS,
  ...SHAPES,
  ...PLACES,
];

export const WINDOWS_HARMLESS: Fault[] = [
  fault('ok', 'cnn', 'a dilation that nothing is spread by', (at) => [element(conv(at, 'dilation'), WIDTH, 64)]),
  fault('ok', PLANE, 'a dilation of one step', (at) => [element(conv(at, 'dilation', FLAT), TIME, 2)]),
  fault('ok', PLANE, 'a stride that one step does not reach', (at) => [element(conv(at, 'stride', STEP), TIME, 2)]),
  fault('ok', PLANE, 'a window in the place of what nobody reads any more', (at) => [
    moveWindow(at, STEP, at.op('embedding').output),
  ]),
  fault('ok', PLANE, 'a window in the place of what is not written yet', (at) => [
    moveWindow(at, 0, at.op('softmax').output),
  ]),
  overTime('ok', PLANE, 'the largest step of one', STEP, 1),
  overTime('ok', LARGEST, 'every step of one', OF_ONE_STEP, 0),
  fault('ok', LARGEST, 'a longer stride than there are steps', (at) => [
    element(conv(at, 'stride', UPSAMPLED), TIME, 64),
  ]),
  fault('ok', LARGEST, 'a kernel as long as the shortest input', (at) => [
    element(conv(at, 'stride', SHORTEST), TIME, 2),
  ]),
  fault('ok', 'cnn', 'a pool of almost 2^15 elements', (at) => tallPool(at, 840)),
  fault('ok', PLANE, 'a pool of one step and 2^15 elements', (at) => widePool(at, 32768)),
];
