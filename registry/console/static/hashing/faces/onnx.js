// The least of ONNX's format (onnx.proto, protocol buffers) that is needed to give ONNX Runtime the models as
// they come. They were quantised by a program that lists unpacked weights as inputs, which are then asked for,
// and that says a block's size where one scale is for all, which is then refused.
const VARINT = 0;
const LONG = 1;
const BYTES = 2;
const SHORT = 5;
const MODEL = { graph: 7 };
const GRAPH = { node: 1, initializer: 5, input: 11 };
const NODE = { input: 1, kind: 4, attribute: 5 };
const TENSOR = { dimension: 1, name: 8 };
const NAME = 1;

/** The model's bytes so that it runs: its graph without all inputs but `input`, and without the sizes of blocks
 * that are none. Raises `RangeError` for what is no model. */
export function mended(model, input) {
  return changed(model, MODEL.graph, (graph) => {
    const single = new Set([...fields(graph)].filter((one) => one.field === GRAPH.initializer && isSingle(one.body))
      .map((one) => text(one.body, TENSOR.name)));
    const plain = joined([...fields(graph)]
      .filter((one) => one.field !== GRAPH.input || text(one.body, NAME) === input).map((one) => one.raw));
    return changed(plain, GRAPH.node, (node) => {
      const scale = [...fields(node)].filter((one) => one.field === NODE.input).at(1);
      if (text(node, NODE.kind) !== "DequantizeLinear" || !single.has(read(scale.body))) return node;
      const isSize = (one) => one.field === NODE.attribute && text(one.body, NAME) === "block_size";
      return joined([...fields(node)].filter((one) => !isSize(one)).map((one) => one.raw));
    });
  });
}

// Whether a tensor is a number, or a list of one.
function isSingle(tensor) {
  const sizes = [...fields(tensor)].filter((one) => one.field === TENSOR.dimension)
    .flatMap((one) => (one.body ? [...one.body] : [one.value]));
  return sizes.length === 0 || (sizes.length === 1 && sizes[0] === 1);
}

// A message with `change` made to each of its fields of this number.
function changed(message, field, change) {
  const parts = [];
  for (const one of fields(message)) {
    if (one.field === field) {
      const body = change(one.body);
      parts.push(varint(field * 8 + BYTES), varint(body.length), body);
    } else parts.push(one.raw);
  }
  return joined(parts);
}

function text(message, field) {
  for (const one of fields(message)) if (one.field === field) return read(one.body);
  return "";
}

function read(bytes) {
  return new TextDecoder().decode(bytes);
}

// `{field, raw, value, body}` of each field of a message: `raw` with its key, `value` of a whole number, `body` of
// those that have a length.
function* fields(bytes) {
  let at = 0;
  const next = () => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const one = bytes[at];
      if (one === undefined) throw new RangeError("the model ends in the midst of it");
      at += 1;
      value += (one & 127) * shift;
      if (one < 128) return value;
    }
  };
  while (at < bytes.length) {
    const begin = at;
    const key = next();
    const kind = key % 8;
    let [value, body] = [];
    if (kind === VARINT) value = next();
    else if (kind === LONG) at += 8;
    else if (kind === SHORT) at += 4;
    else if (kind === BYTES) {
      const length = next();
      body = bytes.subarray(at, at + length);
      at += length;
    } else throw new RangeError(`a field of kind ${kind}`);
    yield { field: Math.floor(key / 8), raw: bytes.subarray(begin, at), value, body };
  }
}

function varint(value) {
  const said = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) said.push((rest % 128) + 128);
  return Uint8Array.from([...said, rest]);
}

function joined(parts) {
  const whole = new Uint8Array(parts.reduce((sum, one) => sum + one.length, 0));
  let at = 0;
  for (const one of parts) {
    whole.set(one, at);
    at += one.length;
  }
  return whole;
}
