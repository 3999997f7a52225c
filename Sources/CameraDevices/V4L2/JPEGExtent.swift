// SPDX-License-Identifier: MIT

extension UnsafeRawBufferPointer {
    /// Bytes of the JPEG picture that starts here, without the padding that cameras add; nil when it is not whole.
    ///
    /// A picture begins with the marker SOI and ends with EOI (ITU-T T.81, annex B); compressed data has no FF D9.
    var jpegByteCount: Int? {
        guard count >= 4, self[0] == 0xFF, self[1] == 0xD8 else { return nil }
        var end = count
        while end >= 4 {
            if self[end - 1] == 0xD9, self[end - 2] == 0xFF { return end }
            end -= 1
        }
        return nil
    }
}
