// SPDX-License-Identifier: MIT
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <x264.h>

// x264_encoder_open is a macro that pastes the library's build number onto the symbol, so Swift would see a name that
// changes with each release.
static inline x264_t *cx264_encoder_open(x264_param_t *parameters) { return x264_encoder_open(parameters); }

// Takes the messages of encoders. They are formatted here because a va_list is a pointer on some processors and a
// structure on others, which Swift cannot write as one function.
typedef struct {
    // Called for each error, on whichever thread of the encoder meets it; the text lives until it returns.
    void (*_Nonnull receive)(void *_Nonnull context, const char *_Nonnull text);
    void *_Nonnull context;
} cx264_receiver;

static void cx264_report(void *receiver, int level, const char *format, va_list arguments) {
    if (level != X264_LOG_ERROR) return;
    char text[512];
    vsnprintf(text, sizeof text, format, arguments);
    const cx264_receiver *taker = (const cx264_receiver *)receiver;
    taker->receive(taker->context, text);
}

// Makes an encoder that is opened with the parameters report its errors to the receiver, which must outlive it.
static inline void cx264_report_errors(x264_param_t *_Nonnull parameters, cx264_receiver *_Nonnull receiver) {
    parameters->i_log_level = X264_LOG_ERROR;
    parameters->p_log_private = receiver;
    parameters->pf_log = cx264_report;
}
