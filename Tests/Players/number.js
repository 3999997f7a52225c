// SPDX-License-Identifier: MIT
"use strict";

/// The checksum of a frame number: CRC-16/CCITT-FALSE.
function checksum(number) {
    let sum = 0xFFFF;
    for (let bit = 31; bit >= 0; bit--) {
        const carry = (sum >> 15) ^ ((number >>> bit) & 1);
        sum = ((sum << 1) & 0xFFFF) ^ (carry ? 0x1021 : 0);
    }
    return sum;
}

/// The number that the test camera drew into a picture, as FrameNumberCode reads it; null where there is none.
function readNumber(pixels, width, height) {
    const columns = 12, rows = 4, covered = Math.floor(height / 3);
    const edge = (index, count, length) => Math.floor(index * length / count);
    const middle = (first, end) => [first + Math.floor((end - first) / 4), end - Math.floor((end - first) / 4)];
    let bits = "";
    for (let row = 0; row < rows; row++) {
        const [top, bottom] = middle(edge(row, rows, covered), edge(row + 1, rows, covered));
        for (let column = 0; column < columns; column++) {
            const [left, right] = middle(edge(column, columns, width), edge(column + 1, columns, width));
            let sum = 0;
            for (let y = top; y < bottom; y++) {
                for (let x = left; x < right; x++) sum += pixels[4 * (y * width + x) + 1];
            }
            bits += sum > 126 * (bottom - top) * (right - left) ? "1" : "0";
        }
    }
    const number = parseInt(bits.slice(0, 32), 2);
    return checksum(number) === parseInt(bits.slice(32), 2) ? number : null;
}
