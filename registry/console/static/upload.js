// A form sent with its files by `XMLHttpRequest`, the only way by which a browser tells how many bytes have gone.

/** The request, once it is answered, whatever its status. `told(share)`: of the bytes, how many have gone. Rejects with
 * what `signal` is aborted with, or a `TypeError` where the answer did not come. `part`: a part of a page is wanted. */
export function upload(address, body, { csrf, signal, told, part = false }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", ({ loaded, total }) => told(total ? loaded / total : 0));
    request.upload.addEventListener("load", () => told(1));
    request.addEventListener("load", () => resolve(request));
    request.addEventListener("error", () => reject(new TypeError("the answer did not come")));
    request.addEventListener("abort", () => reject(signal.reason));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.open("POST", address);
    request.setRequestHeader("X-Csrf", csrf);
    request.setRequestHeader("Accept", "text/html");
    if (part) request.setRequestHeader("HX-Request", "true");
    request.send(body);
  });
}
