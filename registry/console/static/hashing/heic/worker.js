// Beside the page: decodes one HEIC by libheif, which lies unmodified in a file of its own and is loaded only here.
// It is given the file and answers its picture; its policy lets it fetch nothing but scripts and send nothing.
const LIMIT_OF_PIXELS = 8;

onmessage = async ({ data: { file, pixels } }) => {
  const libheif = await import("../../vendor/libheif-bundle.mjs").then((one) => one.default(), () => null);
  if (!libheif) return postMessage({ missing: true });
  try {
    const bitmap = await decoded(libheif, new Uint8Array(await file.arrayBuffer()), pixels);
    postMessage({ bitmap }, [bitmap]);
  } catch (error) {
    postMessage({ code: error.code ?? "decode_failed", error: String(error.message ?? error) });
  }
};

// The picture that the file calls its first, turned and mirrored as it says: what pi-heif gives in Python.
async function decoded(libheif, bytes, pixels) {
  const limits = libheif.heif_get_global_security_limits();
  new DataView(libheif.HEAPU8.buffer).setBigUint64(limits + LIMIT_OF_PIXELS, BigInt(pixels), true);
  const context = libheif.heif_context_alloc();
  known(libheif, libheif.heif_context_read_from_memory(context, bytes));
  const ids = libheif.heif_js_context_get_list_of_top_level_image_IDs(context);
  const handles = Array.from(ids, (id) => known(libheif, libheif.heif_js_context_get_image_handle(context, id)));
  const handle = handles.find((one) => libheif.heif_image_handle_is_primary_image(one)) ?? handles[0];
  // By its header first, then as it is: a file may lie about that.
  fits(libheif.heif_image_handle_get_width(handle), libheif.heif_image_handle_get_height(handle), pixels);
  const { heif_colorspace_RGB: colours, heif_chroma_interleaved_RGBA: order } = libheif;
  const { channels } = known(libheif, await libheif.heif_js_decode_image2(handle, colours, order));
  const { data, width, height, stride } = channels.find(({ id }) => id === libheif.heif_channel_interleaved);
  fits(width, height, pixels);
  const shown = new ImageData(width, height);
  for (let y = 0; y < height; y += 1) shown.data.set(data.subarray(y * stride, y * stride + 4 * width), 4 * y * width);
  return createImageBitmap(shown, { colorSpaceConversion: "none" });
}

function fits(width, height, pixels) {
  if (width * height > pixels) throw Object.assign(new Error(`${width} x ${height}`), { code: "too_large" });
}

// What was given, unless it says of an error.
function known(libheif, given) {
  if (!given?.code || given.code === libheif.heif_error_code.heif_error_Ok) return given;
  const { heif_suberror_Security_limit_exceeded: large, heif_suberror_End_of_data: short } = libheif.heif_suberror_code;
  const { heif_error_Unsupported_feature: unknown } = libheif.heif_error_code;
  let code = "decode_failed";
  if (given.subcode === large) code = "too_large";
  else if (given.subcode === short) code = "truncated_media";
  else if (given.code === unknown) code = "unsupported_media";
  throw Object.assign(new Error(given.message), { code });
}
