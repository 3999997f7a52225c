// SPDX-License-Identifier: MIT

/// How much a camera lifts the dark parts of a picture (dynamic range compression).
public enum DRCStrength: String, Hashable, Sendable, CaseIterable {
    /// No compression.
    case off
    /// A low strength.
    case low
    /// A medium strength.
    case medium
    /// A high strength; on, for a camera that only knows on and off.
    case high
}
