import { LinnetError } from '../../errors.js';
import { STATUS } from '../../schema/status.js';
import { defineCommand } from '../command.js';
import { readText } from '../files.js';
import { openFloat } from '../float.js';
import { readLabelled } from '../labelled.js';
import { declareModelOptions, withModel } from '../model.js';
import { atMostOne } from '../options.js';
import { describeQuality, judgeImage, labelledQuality, textQuality } from '../quality.js';

export default defineCommand({
  name: 'eval',
  summary: 'measure perplexity on a text, or accuracy on labelled sentences',
  example:
    'linnet eval models/gutenberg-lm/gutenberg-lm.linnet --text models/gutenberg-lm/heldout.txt --against models/gutenberg-lm',
  configure(command) {
    command
      .argument('<image>', 'a .linnet image')
      .option('--text <file>', 'UTF-8 text (or .gz) for a language model')
      .option('--labelled <file>', 'lines "label<TAB>text" or "label text" (or .gz) for a classifier')
      .option('--against <model>', 'checkpoint folder, .onnx file or .bin of fastText to compare with, in float')
      .option('--tokenizer <file>', 'tokenizer.json of that .onnx file (default: the one beside it)');
    declareModelOptions(command);
  },
  async run(io, [image], options) {
    const { text, labelled, against, tokenizer } = options as Record<string, string | undefined>;
    atMostOne(options, ['text', 'labelled']);
    const file = text ?? labelled;
    if (file === undefined)
      throw new LinnetError('usage', 'nothing to evaluate on', 'linnet eval', 'give --text or --labelled');
    await withModel(io, image as string, options, async (model) => {
      const wanted = text === undefined ? 'classifier' : 'language_model';
      if (model.info.kind !== wanted) throw LinnetError.fromStatus(STATUS.wrong_kind.code, image as string);
      const { labels } = model.info;
      // Read before the slow part, so that a bad file is told at once.
      const examples = text === undefined ? readLabelled(file, labels) : undefined;
      const prose = examples ? '' : readText(file);
      const float = against === undefined ? undefined : await openFloat(against, { tokenizer });
      const judged = { int8: judgeImage(model), float };
      const quality = examples
        ? await labelledQuality(io, examples, labels, judged)
        : await textQuality(io, prose, judged);
      if (io.json) io.emit(quality);
      else io.out.write(describeQuality(quality) + '\n');
    });
  },
});
