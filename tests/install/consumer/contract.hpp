#pragma once

/// What does not work as the contract says; nullptr if all does.
const char* broken_promise_of_the_contract();
